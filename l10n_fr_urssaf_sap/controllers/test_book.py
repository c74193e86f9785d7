# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from werkzeug.exceptions import MethodNotAllowed

from odoo import http
from odoo.http import content_disposition, request


class TestBook(http.Controller):
    @http.route(
        "/l10n_fr_urssaf_sap/test_book/<int:book_id>.zip",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def test_book(self, book_id):
        """A finished test book, once: what was said is deleted with it.

        :raise AccessError: unless the user is an administrator, who made it
        """
        # Werkzeug lets HEAD in wherever GET is: whoever asks so gets no file.
        if request.httprequest.method != "GET":
            raise MethodNotAllowed(["GET"])
        book = request.env["l10n_fr_sap.test.book"].browse(book_id).exists()
        if not book:
            raise request.not_found()
        return request.make_response(
            book._hand_over(),
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition("cahier-de-tests.zip")),
            ],
        )
