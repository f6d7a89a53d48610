"""`report.html`: what a job found, to look at, in one file that needs no server and no network.

    columns      every box of the log in a few bytes
    page_data    everything else the page shows
    crops        the best look at each object, as small JPEGs
    write        puts them into the page of a video
    write_pictures   the same for a set of pictures, which is a gallery
    template     from template, style and scripts to a file
    page/        the pages themselves; their scripts are joined in the order of their names

The page is plain HTML and JavaScript. What it holds of other people (labels, file names, reasons) is data in
it, never markup; and its content security policy runs no script but its own.
"""

from api_client.log.report.crops import CROP_SIDE_PX, cut_crops
from api_client.log.report.write import write_report
from api_client.log.report.write_pictures import write_picture_report

__all__ = ["CROP_SIDE_PX", "cut_crops", "write_picture_report", "write_report"]
