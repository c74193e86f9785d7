# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""PostgreSQL, databases, Odoo and the stand-in Urssaf, for the demo and the tests.

`tools/bootstrap.sh` prepares what this needs; `cli.py`, `run_tests.py` and the
end-to-end tests use it.
"""

from .cluster import CLUSTER, sql, start_cluster
from .common import ADDON, CACHE, CONFIG, DATA, LOG, ROOT, StackError, say
from .demo import demo, prepare_database
from .odoo_runs import (
    addons_paths,
    create_database,
    drop_database,
    export_terms,
    install,
    problems,
    run_odoo,
    shell,
    template,
    uninstall,
    update,
    write_config,
)
from .servers import free_port, start_odoo, start_simulator, stop_all
from .user import become_user

# Before anything is written or started: the files of two users would get mixed up.
WHY_ROOT = become_user()
