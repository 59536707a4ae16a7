import { documentedPage, NUMBER, TEXT } from "../testing/documented-page.ts";

const FOLDER = {
  id: NUMBER,
  uid: "000000163",
  orgId: 1,
  title: "Folder",
  url: "/dashboards/f/000000163/folder",
  type: "dash-folder",
  tags: [],
  isStarred: false,
  uri: "db/folder",
};
const BOARD = {
  id: NUMBER,
  uid: "cIBgcSjkk",
  orgId: 1,
  title: "Production Overview",
  url: "/d/cIBgcSjkk/production-overview",
  type: "dash-db",
  tags: ["prod"],
  isStarred: true,
  folderId: NUMBER,
  folderUid: "000000163",
  folderTitle: "Folder",
  folderUrl: "/dashboards/f/000000163/folder",
  uri: "db/production-overview",
};

documentedPage("Folder/Dashboard Search API", [
  {
    does: "adds the folder of the page's examples",
    ask: "POST /api/folders",
    body: { uid: "000000163", title: "Folder" },
  },
  {
    does: "adds the dashboard of the page's examples",
    ask: "POST /api/dashboards/db",
    body: { dashboard: { uid: "cIBgcSjkk", title: "Production Overview", tags: ["prod"] }, folderUid: "000000163" },
  },
  { does: "stars the dashboard", ask: "POST /api/user/stars/dashboard/uid/cIBgcSjkk", gives: { message: TEXT } },
  { does: "lists folders and dashboards", ask: "GET /api/search?query=&starred=false", gives: [FOLDER, BOARD] },
  { does: "lists them at the address with a slash too", ask: "GET /api/search/", gives: [FOLDER, BOARD] },
  {
    does: "finds starred dashboards by title and tag",
    ask: "GET /api/search?query=Production%20Overview&starred=true&tag=prod",
    gives: [BOARD],
  },
  { does: "finds only folders", ask: "GET /api/search?type=dash-folder", gives: [FOLDER] },
  { does: "finds only dashboards", ask: "GET /api/search?type=dash-db", gives: [BOARD] },
  { does: "finds dashboards by uid", ask: "GET /api/search?dashboardUIDs=cIBgcSjkk", gives: [BOARD] },
  {
    does: "finds dashboards by the former name of the parameter",
    ask: "GET /api/search?dashboardUID=cIBgcSjkk",
    gives: [BOARD],
  },
  { does: "finds the dashboards in a folder", ask: "GET /api/search?folderUIDs=000000163", gives: [BOARD] },
  { does: "finds nothing with another tag", ask: "GET /api/search?tag=test", gives: [] },
  { does: "lists one result", ask: "GET /api/search?limit=1", gives: [FOLDER] },
  { does: "lists the next result", ask: "GET /api/search?limit=1&page=2", gives: [BOARD] },
  { does: "uses the default for a limit that is no number", ask: "GET /api/search?limit=abc", gives: [FOLDER, BOARD] },
]);
