# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The stack's command line, for the demo and for trying things by hand:

tools/bootstrap.sh tools/cli.py demo
"""

import argparse
import sys

import psycopg2
import stack


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser("demo", help="leave the demo running")
    command.add_argument("--reset", action="store_true", help="start from scratch")
    commands.add_parser("stop", help="stop every server and PostgreSQL")
    commands.add_parser("template", help="build the template database")
    commands.add_parser("terms", help="export the translation template; say where to")
    command = commands.add_parser("create", help="a fresh database")
    command.add_argument("database")
    for name in ("install", "update", "uninstall"):
        command = commands.add_parser(name, help=f"{name} a module in a database")
        command.add_argument("database")
        command.add_argument("module", nargs="?", default=stack.ADDON)
    command = commands.add_parser("serve", help="a server in the background")
    command.add_argument("database")
    command.add_argument("--port", type=int)
    command.add_argument("--cron", type=int, default=0)
    return parser.parse_args()


def run(arguments):
    database = getattr(arguments, "database", None)
    if arguments.command == "demo":
        stack.demo(arguments.reset)
    elif arguments.command == "stop":
        stack.stop_all()
    elif arguments.command == "template":
        stack.say(stack.template())
    elif arguments.command == "terms":
        stack.say(stack.export_terms())
    elif arguments.command == "create":
        stack.say(stack.create_database(database))
    elif arguments.command == "serve":
        url = stack.start_odoo(database, arguments.port, cron=arguments.cron).url
        stack.say(url)
    else:
        stack.start_cluster()
        stack.say(getattr(stack, arguments.command)(database, arguments.module))


def main():
    try:
        run(parse_arguments())
    except (stack.StackError, psycopg2.Error) as error:
        sys.exit(f"{stack.ADDON}: {str(error).strip()}")


if __name__ == "__main__":
    main()
