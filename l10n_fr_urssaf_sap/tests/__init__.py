from . import test_registering
from . import test_sending
from . import test_invoices
from . import test_rights
from . import test_settings
