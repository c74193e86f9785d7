from . import summary
from . import control
from . import partner_merge
from . import send_window
from . import account_move_reversal
from . import account_payment_register
