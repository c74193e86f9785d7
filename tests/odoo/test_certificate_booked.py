# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The tax certificate where the Urssaf's transfers are booked: it goes by their own dates,
and what was taken back was not paid by them."""

from booking_common import BookingCase
from certificate_common import CertificateCase

from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCertificateBooked(CertificateCase, BookingCase):
    def transfer(self, move):
        BookingCase.pay(self, move, move.amount_total)
        self.env.invalidate_all()
        self.assertEqual(move.payment_state, "paid")

    def request(self, move):
        return BookingCase.request(self, move)

    def test_booked(self):
        year = self.day.year
        move = self.send(quantity=5)
        self.transfer(move)
        self.check_amounts(self.certify(year=year), 110, 55, 55)
        # A lock date may have moved the entry into another year than the transfer.
        self.request(move).transfer_date = f"{year + 1}-01-02"
        self.env.flush_all()
        self.check_amounts(self.certify(year=year + 1), 110, 55, 55)
        self.check_amounts(self.certify(year=year), 0, 0, 0)

    def test_taken_back_and_paid_directly(self):
        year = self.day.year
        move = self.send(quantity=5)
        self.transfer(move)
        self.say(move, "112")
        self.refresh(move)
        self.env.invalidate_all()
        self.pay(self.invoice(self.day, 1), self.day)
        self.check_amounts(self.certify(year=year), 27.5, 0, 27.5)
        CertificateCase.pay(self, move, self.day)
        self.check_amounts(self.certify(year=year), 137.5, 0, 137.5)
