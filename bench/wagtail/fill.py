# Run by `manage.py shell`: an editor's account, and 2,000 pages below one.
from django.contrib.auth import get_user_model
from django.db import connection
from home.models import HomePage
from wagtail.models import Page

connection.cursor().execute("PRAGMA journal_mode = WAL")
users = get_user_model().objects
if not users.filter(username="bench").exists():
    users.create_superuser("bench", "bench@example.org", "Bench-2026-zd!")
root = Page.objects.get(depth=2)
parent = root.add_child(instance=HomePage(title="Channels", slug="channels"))
pages = []
for number in range(2_000):
    page = parent.add_child(instance=HomePage(title=f"Page {number}", slug=f"page-{number}"))
    pages.append(page.pk)
with open("parent", "w") as file:
    print(parent.pk, file=file)
with open("pages", "w") as file:
    for pk in pages:
        print(pk, file=file)
