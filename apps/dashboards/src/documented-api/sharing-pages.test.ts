import { DENIED, documentedPage, FLAG, NUMBER, TEXT, textLike, TIME } from "../testing/documented-page.ts";

const DELETED = { message: "Snapshot deleted. It might take an hour before it's cleared from any CDN caches." };
const DASHBOARD = {
  editable: false,
  rows: [{}],
  style: "dark",
  tags: [],
  timezone: "browser",
  title: "Home",
  version: 5,
};

documentedPage("Snapshot API", [
  {
    does: "adds a snapshot",
    ask: "POST /api/snapshots",
    body: { dashboard: DASHBOARD, expires: 3600 },
    gives: {
      deleteKey: TEXT,
      deleteUrl: textLike(/\/api\/snapshots-delete\//),
      key: TEXT,
      url: textLike(/\/dashboard\/snapshot\//),
      id: NUMBER,
    },
    keeps: { key: "key", deleteKey: "deleteKey", id: "id" },
  },
  {
    does: "lists the snapshots with their creators",
    ask: "GET /api/dashboard/snapshots",
    gives: [
      {
        id: "{id}",
        name: TEXT,
        key: "{key}",
        orgId: 1,
        userId: 1,
        external: false,
        externalUrl: "",
        expires: TIME,
        created: TIME,
        updated: TIME,
      },
    ],
  },
  {
    does: "shows a snapshot",
    ask: "GET /api/snapshots/{key}",
    gives: {
      meta: {
        isSnapshot: true,
        type: "snapshot",
        canSave: false,
        canEdit: false,
        canStar: FLAG,
        slug: "",
        expires: TIME,
        created: TIME,
      },
      dashboard: { title: "Home" },
    },
  },
  { does: "deletes a snapshot", ask: "DELETE /api/snapshots/{key}", gives: { ...DELETED, id: "{id}" } },
  { does: "does not know the snapshot afterwards", ask: "GET /api/snapshots/{key}", status: 404 },
  {
    does: "adds another snapshot",
    ask: "POST /api/snapshots",
    body: { dashboard: DASHBOARD },
    keeps: { deleteKey: "deleteKey" },
  },
  {
    does: "deletes a snapshot for everyone who knows the key to delete it",
    ask: "GET /api/snapshots-delete/{deleteKey}",
    as: "",
    gives: { ...DELETED, id: NUMBER },
  },
]);

documentedPage("Short URL API", [
  {
    does: "shortens an address",
    ask: "POST /api/short-urls",
    body: { path: "d/TxKARsmGz/new-dashboard?orgId=1&from=1599389322894&to=1599410922894" },
    gives: { uid: TEXT, url: textLike(/\/goto\/\w+\?orgId=1$/) },
  },
  { does: "refuses an address of another site", ask: "POST /api/short-urls", body: { path: "/d/x" }, status: 400 },
  {
    does: "adds a user without a role",
    ask: "POST /api/admin/users",
    body: { login: "user", password: "userpassword" },
    keeps: { user: "id" },
  },
  { does: "takes the role from the user", ask: "PATCH /api/org/users/{user}", body: { role: "None" } },
  {
    does: "refuses people without a role",
    ask: "POST /api/short-urls",
    as: "user:userpassword",
    body: { path: "d/x" },
    status: 403,
    gives: DENIED,
  },
]);
