"""Routes of the return page. No path tells what the page is about."""

from django.urls import path

from complaints.web import mailbox, mailbox_page

app_name = "mailbox"
urlpatterns = [
    path("", mailbox.open_page, name="open"),
    path("isi", mailbox_page.report, name="report"),
    path("tutup", mailbox.close, name="close"),
]
