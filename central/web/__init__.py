"""The pages people use: rendered here, a little htmx on top, nothing from the internet.

**How a page is added.** Sentences go into ``central/locale/{vi,en}/AREA.toml``, a template that
extends ``base.html`` into ``templates/``, and the routes into a module of their own::

    router = pages(UserRole.OFFICER)                  # nobody else gets in; in the role matrix too

    @router.get("/counter")
    def get_counter(page: PageDep) -> Response:
        with page.database.reading() as session:
            return page.show("counter.html", waiting=waiting(session, page.today))

    @router.post("/counter/next")
    def post_next(page: PageDep, field: Annotated[str, Form()]) -> Response:
        with page.database.writing() as session:
            ...
            page.record(session, "citizen.seen", f"citizen:{uid}")   # every look at a person; last
        return page.go("/counter", "counter.called")                 # a flash message by its key

Then :data:`central.web.routes.ROUTERS` lists the router and :data:`central.web.menu.MENU` the
entry. ``pages()`` without a role is for everybody, signed in or not.

In a template: ``{{ t("counter.title") }}`` says a sentence; ``{{ csrf() }}`` belongs into every
``<form method="post">`` (htmx sends it by itself); ``{{ page.user }}`` is who is signed in;
``{{ page.local(time) }}`` is a time on the office's clock. The policy forbids inline scripts and
styles: behaviour goes into ``static/*.js``, looks into ``static/*.css`` (``{% block head %}``).

**How it is tested.** ``tests/central/web``: ``browse(role)`` is a real Chromium page signed in as
a role, ``look(page, name)`` takes the picture into ``out/web/`` and has axe-core find no serious
fault. Every route is tried as every role by ``test_roles.py``, by itself.
"""
