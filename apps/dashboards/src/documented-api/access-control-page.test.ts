import { documentedPage } from "../testing/documented-page.ts";

/** Grafana without a licence does not know the routes of this page. */
const UNKNOWN = { status: 404, gives: { message: "Not found" } };
const URL = "/api/access-control";

documentedPage("RBAC API", [
  { does: "is unknown without a licence", ask: `GET ${URL}/status`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `GET ${URL}/roles`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `GET ${URL}/roles/PYnDO3rMk`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `POST ${URL}/roles`, body: { name: "custom:delete:roles" }, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `PUT ${URL}/roles/jZrmlLCGka`, body: { version: 3 }, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `DELETE ${URL}/roles/jZrmlLCGka?force=true`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `GET ${URL}/users/1/roles`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `POST ${URL}/users/1/roles`, body: { roleUid: "x" }, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `GET ${URL}/teams/1/roles`, ...UNKNOWN },
  { does: "is unknown without a licence", ask: `GET ${URL}/builtin-roles`, ...UNKNOWN },
]);

documentedPage("Enterprise License API", [
  { does: "is unknown without a licence", ask: "GET /api/licensing/check", ...UNKNOWN },
  { does: "is unknown without a licence", ask: "POST /api/licensing/token", body: { token: "x" }, ...UNKNOWN },
]);
