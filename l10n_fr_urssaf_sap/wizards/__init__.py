from . import summary
from . import partner_merge
from . import send_window
