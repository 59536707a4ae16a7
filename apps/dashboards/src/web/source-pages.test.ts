import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

/** A page with placeholders, as the build creates it. */
const PAGE = `role=ROLE_PLACEHOLDER root=ROOT_PLACEHOLDER api=API_PLACEHOLDER home=HOME_PLACEHOLDER stack=STACK_PLACEHOLDER <script src="./a.js">`;

const SOURCES = `apiVersion: 1
datasources:
- {name: Alerts, uid: am-1, type: alertmanager, url: 'http://127.0.0.1:9'}
- {name: Other, uid: other, type: prometheus, url: 'http://127.0.0.1:9'}
- {name: Main, uid: main, type: prometheus, url: 'http://127.0.0.1:9', isDefault: true}
- {name: Pushes, uid: pushes, type: narthex-pushgateway, url: ''}
- {name: Pushes 2, uid: pushes2, type: narthex-pushgateway, url: 'http://127.0.0.1:9'}
- {name: Test, uid: test, type: testdata}
`;
const files = { "provisioning/datasources/all.yml": SOURCES, "ui/index.html": PAGE };
const STACK = "server=sources/main alertmanager=sources/am-1 pushgateway=sources/pushes2";

test.each([
  ["/sources/main/query", "server", "./", "../../", "main"],
  ["/sources/other/", "server", "./", "../../", "other"],
  ["/sources/am-1/silences/7/edit", "alertmanager", "../../", "../../../../", "am-1"],
  ["/sources/pushes2/status", "pushgateway", "./", "../../", "pushes2"],
])("the page %s is the %s's behind the source", async (url, role, root, files_, uid) => {
  await withRole({ files }, async ({ call }) => {
    const { status, text } = await call("GET", url);
    expect(status).toBe(200);
    expect(text).toBe(
      `role=${role} root=${root} api=../../api/datasources/proxy/uid/${uid} home=../../ stack=${STACK} <script src="${files_}a.js">`,
    );
  });
});

test("a source of another kind has no pages, and pages are only for users who may query the source", async () => {
  await withRole({ files }, async ({ call }) => {
    expect((await call("GET", "/sources/test/query")).status).toBe(404);
    expect((await call("GET", "/sources/nothing/query")).status).toBe(404);
    const away = await call("GET", "/sources/main/query", undefined, { user: "" });
    expect([away.status, away.headers.get("location")]).toEqual([302, "/login"]);
    const folder = await call("GET", "/sources/am-1?a=1");
    expect([folder.status, folder.headers.get("location")]).toEqual([302, "./am-1/?a=1"]);
    expect((await call("GET", "/dashboards")).text).toContain(`stack=${STACK}`);
  });
});
