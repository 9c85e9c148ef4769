"""A Plone site with users and private content, for the tests: `zconsole run zope.conf make_site.py SITE`.

`Plone` has plone.restapi's profile; `Bare` has not, as a Classic site is made. In either, jane (in the group
`staff`) owns the private folder `work`, with the file `plan.txt` and the page `notes`; bob is another member;
`front` is everybody's.
"""

import sys

import transaction
from AccessControl.SecurityManagement import newSecurityManager
from plone import api
from plone.namedfile.file import NamedBlobFile
from Products.CMFPlone.factory import addPloneSite
from Testing.makerequest import makerequest
from zope.component.hooks import setSite

PASSWORD = "secret-pw-123"
SHARED_SECRET = "shared between Plone and the tests"
FILE_NAME = "pl\u00e4n for 100%.txt"
FILE_UID = "0123456789abcdef0123456789abcdef"

app = makerequest(app)  # noqa: F821 (zconsole's)
site_id = sys.argv[-1]
newSecurityManager(None, app.acl_users.getUserById("admin").__of__(app.acl_users))
site = addPloneSite(app, site_id, title=site_id, distribution_name="classic", setup_content=False)
setSite(site)
if site_id == "Plone":
    site.portal_setup.runAllImportStepsFromProfile("profile-plone.restapi:default")

site.acl_users.session._shared_secret = SHARED_SECRET.encode()
site.portal_workflow.setDefaultChain("simple_publication_workflow")
for user in ("jane", "bob"):
    site.acl_users.userFolderAddUser(user, PASSWORD, ["Member"], [])
api.group.create("staff")
api.group.add_user(groupname="staff", username="jane")

folder = api.content.create(site, "Folder", "work")
blob = NamedBlobFile(b"a plan\n" * 1000, contentType="text/plain", filename=FILE_NAME)
plan = api.content.create(folder, "File", "plan.txt", file=blob)
setattr(plan, "_plone.uuid", FILE_UID)
plan.reindexObject()
if site_id == "Plone":
    site.portal_types.Document.behaviors += ("plone.leadimage", "volto.preview_image")
api.content.create(folder, "Document", "notes")
folder.manage_setLocalRoles("jane", ["Owner"])
folder.reindexObjectSecurity()
api.content.transition(api.content.create(site, "Document", "front"), "publish")
transaction.commit()
