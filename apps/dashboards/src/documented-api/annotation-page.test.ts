import { DENIED, documentedPage, NUMBER, textLike } from "../testing/documented-page.ts";

/** The page shows `userName`. Grafana's source sends the login and the address instead. */
const ANNOTATION = {
  id: NUMBER,
  dashboardUID: "jcIIG-07z",
  panelId: NUMBER,
  userId: 1,
  login: "admin",
  time: 1507037197339,
  timeEnd: 1507180805056,
  text: "Annotation Description",
  tags: ["tag1", "tag2"],
  data: {},
};

documentedPage("Annotations API", [
  {
    does: "adds the dashboard of the page's examples",
    ask: "POST /api/dashboards/db",
    body: { dashboard: { uid: "jcIIG-07z", title: "Board" } },
  },
  {
    does: "adds an annotation",
    ask: "POST /api/annotations",
    body: {
      dashboardUID: "jcIIG-07z",
      time: 1507037197339,
      timeEnd: 1507180805056,
      tags: ["tag1", "tag2"],
      text: "Annotation Description",
    },
    gives: { message: "Annotation added", id: NUMBER },
    keeps: { annotation: "id" },
  },
  {
    does: "refuses an annotation without a text",
    ask: "POST /api/annotations",
    body: { time: 1507037197339, tags: ["tag1"] },
    status: 400,
    gives: { message: textLike(/^Failed to save annotation/) },
  },
  {
    does: "adds a viewer",
    ask: "POST /api/admin/users",
    body: { login: "user", password: "userpassword" },
    keeps: { user: "id" },
  },
  {
    does: "refuses viewers",
    ask: "POST /api/annotations",
    as: "user:userpassword",
    body: { dashboardUID: "jcIIG-07z", text: "x" },
    status: 403,
    gives: DENIED,
  },
  {
    does: "finds annotations by time and tags",
    ask: "GET /api/annotations?from=1506676478816&to=1507281278816&tags=tag1&tags=tag2&limit=100",
    gives: [{ ...ANNOTATION, id: "{annotation}" }],
  },
  { does: "finds the annotations of a user", ask: "GET /api/annotations?userId=1", gives: [{ userId: 1 }] },
  { does: "finds no annotations of another user", ask: "GET /api/annotations?userId={user}", gives: [] },
  {
    does: "adds an annotation of Graphite's form",
    ask: "POST /api/annotations/graphite",
    body: {
      what: "Event - deploy",
      tags: ["deploy", "production"],
      when: 1467844481,
      data: "deploy of main branch happened at Wed Jul 6 22:34:41 UTC 2016",
    },
    gives: { message: "Graphite annotation added", id: NUMBER },
  },
  {
    does: "changes all properties of an annotation",
    ask: "PUT /api/annotations/{annotation}",
    body: {
      time: 1507037197339,
      timeEnd: 1507180805056,
      text: "Annotation Description",
      tags: ["tag3", "tag4", "tag5"],
    },
    gives: { message: "Annotation updated" },
  },
  {
    does: "changes some properties of an annotation",
    ask: "PATCH /api/annotations/{annotation}",
    body: { text: "New Annotation Description", tags: ["tag6", "tag7", "tag8"] },
    gives: { message: "Annotation patched" },
  },
  {
    does: "shows the changed annotation",
    ask: "GET /api/annotations/{annotation}",
    gives: { ...ANNOTATION, text: "New Annotation Description", tags: ["tag6", "tag7", "tag8"] },
  },
  {
    does: "finds the tags of annotations",
    ask: "GET /api/annotations/tags?tag=prod",
    gives: { result: { tags: [{ tag: "production", count: 1 }] } },
  },
  {
    does: "deletes an annotation",
    ask: "DELETE /api/annotations/{annotation}",
    gives: { message: "Annotation deleted" },
  },
  { does: "does not know the annotation afterwards", ask: "DELETE /api/annotations/{annotation}", status: 404 },
]);
