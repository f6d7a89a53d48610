"""Requests that not every S3 server answers alike."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

_NO_CONDITIONS = ("InvalidArgument", "NotImplemented", "501")
"""What servers answer that know no conditional writes."""
_NO_BATCH = (
    "InvalidDigest",
    "InvalidRequest",
    "MethodNotAllowed",
    "MissingContentMD5",
    "NotImplemented",
    "501",
)
"""What servers answer that delete objects one by one only, or ask for a checksum of another age."""


def put_on_condition(client: "S3Client", bucket: str, name: str, data: bytes) -> bool | None:
    """Write unless present; return whether it was written, or None where two writers met and none won."""
    try:
        client.put_object(Bucket=bucket, Key=name, Body=data, IfNoneMatch="*")
    except ClientError as error:
        if code_of(error) in ("PreconditionFailed", "412"):
            return False
        if code_of(error) in ("ConditionalRequestConflict", "409"):
            return None
        if code_of(error) not in _NO_CONDITIONS:
            raise
        client.put_object(Bucket=bucket, Key=name, Body=data)
    return True


def delete_batch(client: "S3Client", bucket: str, names: list[str]) -> None:
    """Delete up to a thousand objects, with one request where the server can; raise if one could not be."""
    if not names:
        return
    objects: list[ObjectIdentifierTypeDef] = [{"Key": name} for name in names]
    try:
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    except ClientError as error:
        if code_of(error) not in _NO_BATCH:
            raise
        for name in names:
            client.delete_object(Bucket=bucket, Key=name)
    else:
        for failure in answer.get("Errors", []):
            raise ClientError({"Error": {"Code": failure.get("Code", "")}}, "DeleteObjects")


def code_of(error: ClientError) -> str:
    """Return the server's word for what went wrong; where an answer has no body, the HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))
