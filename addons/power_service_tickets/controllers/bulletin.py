from odoo.http import Controller, content_disposition, request, route


class ComplaintBulletin(Controller):
    @route("/power_service_tickets/bulletin/<int:bulletin_id>.xlsx", auth="user")
    def download(self, bulletin_id):
        """The workbook of a bulletin that the user may read, else not found."""
        bulletin = request.env["power.complaint.bulletin"].browse(bulletin_id).exists()
        if not bulletin or not bulletin.has_access("read"):
            raise request.not_found()
        return request.make_response(
            bulletin._make_xlsx(),
            [
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                ("Content-Disposition", content_disposition(f"{bulletin.name}.xlsx")),
            ],
        )
