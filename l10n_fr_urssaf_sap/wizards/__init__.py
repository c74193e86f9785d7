from . import summary
from . import partner_merge
