from . import test_registering
from . import test_sending
from . import test_following
from . import test_queue
from . import test_guards
from . import test_rights
from . import test_settings
from . import test_journey
