"""Routes of the return page. No path tells what the page is about."""

from django.urls import path

from complaints.web import mailbox

app_name = "mailbox"
urlpatterns = [
    path("", mailbox.open_page, name="open"),
    path("isi", mailbox.report, name="report"),
    path("tutup", mailbox.close, name="close"),
]
