import { DENIED, documentedPage, TEXT } from "../testing/documented-page.ts";

/** The page shows `id`, `playlistUid` and `order` of items too. Grafana's source no longer sends them. */
const ITEMS = [
  { type: "dashboard_by_uid", value: "3", title: "my third dashboard" },
  { type: "dashboard_by_tag", value: "myTag", title: "my other dashboard" },
];
const BODY = {
  name: "my playlist",
  interval: "5m",
  items: ITEMS.map((item, i) => ({ ...item, order: i + 1 })),
};
const PLAYLIST = { uid: "{playlist}", name: "my playlist", interval: "5m" };

documentedPage("Playlist API", [
  {
    does: "adds a playlist",
    ask: "POST /api/playlists/",
    body: BODY,
    gives: { uid: TEXT, name: "my playlist", interval: "5m" },
    keeps: { playlist: "uid" },
  },
  { does: "adds a viewer", ask: "POST /api/admin/users", body: { login: "user", password: "userpassword" } },
  {
    does: "refuses viewers",
    ask: "POST /api/playlists",
    as: "user:userpassword",
    body: BODY,
    status: 403,
    gives: DENIED,
  },
  { does: "lists the playlists", ask: "GET /api/playlists", gives: [PLAYLIST] },
  { does: "finds playlists by name", ask: "GET /api/playlists?query=my&limit=1", gives: [PLAYLIST] },
  { does: "finds no playlists with another name", ask: "GET /api/playlists?query=other", gives: [] },
  { does: "shows a playlist", ask: "GET /api/playlists/{playlist}", gives: { ...PLAYLIST, items: ITEMS } },
  {
    does: "refuses an unknown playlist",
    ask: "GET /api/playlists/unknown",
    status: 404,
    gives: { message: "Playlist not found" },
  },
  { does: "shows the items of a playlist", ask: "GET /api/playlists/{playlist}/items", gives: ITEMS },
  {
    does: "changes a playlist",
    ask: "PUT /api/playlists/{playlist}",
    body: { ...BODY, interval: "1m" },
    gives: { ...PLAYLIST, interval: "1m", items: ITEMS },
  },
  { does: "deletes a playlist", ask: "DELETE /api/playlists/{playlist}", gives: {} },
  { does: "does not know the playlist afterwards", ask: "GET /api/playlists/{playlist}", status: 404 },
]);
