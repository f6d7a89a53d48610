"""`python -m api_client.cli`: the same as `client`."""

from api_client.cli.main import main

main()
