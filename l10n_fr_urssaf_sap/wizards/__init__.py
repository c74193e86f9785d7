from . import summary
from . import withdrawal
from . import reconciliation
from . import base_partner_merge
from . import account_move_send_wizard
from . import account_move_reversal
from . import account_payment_register
from . import declare_over
