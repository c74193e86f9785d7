from . import import_template
from . import portal
from . import test_book
