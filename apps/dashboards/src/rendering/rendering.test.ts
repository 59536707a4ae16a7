import { expect, test } from "vitest";
import { type BrowserNotes, fakeBrowser } from "../testing/fake-browser.ts";
import { type Answer, type RunningRole, withRole } from "../testing/running-role.ts";

const DRAWN = "drawn(333);";
const envWith = (onNavigate: string, more: Readonly<Record<string, string>> = {}) => ({
  GF_RENDERING_BROWSER: fakeBrowser(onNavigate),
  GF_RENDERING_SANDBOX: "false",
  ...more,
});

const notesOf = ({ text }: Answer): BrowserNotes => JSON.parse(text) as BrowserNotes;

/** Saves a dashboard, and returns its uid. */
async function saved(role: RunningRole, uid: string, folderUid = ""): Promise<string> {
  await role.call("POST", "/api/dashboards/db", { dashboard: { uid, title: uid, panels: [] }, folderUid });
  return uid;
}

test("a dashboard is rendered in kiosk mode, with its parameters, and as high as its panels", async () => {
  await withRole({ env: envWith(DRAWN) }, async (role) => {
    await saved(role, "demo");
    const query = "from=now-2h&to=now&var-a=1&var-a=2&theme=dark&tz=Asia/Tokyo&width=1200&height=-1&scale=2";
    const answer = await role.call("GET", `/render/d/demo/any-slug?${query}&print=true&editPanel=1`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const { url, sizes, zone, cookie } = notesOf(answer);
    const { origin, pathname, searchParams } = new URL(url);
    expect([origin, pathname]).toEqual(["http://localhost:3000", "/d/demo/x"]);
    expect(searchParams.toString()).toBe(
      "from=now-2h&to=now&var-a=1&var-a=2&theme=dark&timezone=Asia%2FTokyo&kiosk=true",
    );
    expect(sizes.map(({ width, height, deviceScaleFactor }) => [width, height, deviceScaleFactor])).toEqual([
      [1200, 800, 2],
      [1200, 333, 2],
    ]);
    expect([zone, cookie.name, cookie.httpOnly]).toEqual(["Asia/Tokyo", "narthex_render", true]);
  });
});

test("a late signal for another height of the window is ignored", async () => {
  await withRole({ env: envWith(`drawn(700, 500); ${DRAWN}`) }, async (role) => {
    await saved(role, "demo");
    const { sizes } = notesOf(await role.call("GET", "/render/d/demo?height=-1"));
    expect(sizes.map(({ height }) => height)).toEqual([800, 333]);
  });
});

test("a single panel is rendered on its own page, and a PDF in the print view", async () => {
  await withRole({ env: envWith(DRAWN) }, async (role) => {
    await saved(role, "demo");
    const solo = notesOf(await role.call("GET", "/render/d-solo/demo/x?panelId=panel-7&width=400.4&height=199.5"));
    expect(solo.url).toBe("http://localhost:3000/d-solo/demo/x?kiosk=true&panelId=panel-7");
    expect(solo.sizes).toMatchObject([{ width: 400, height: 200, deviceScaleFactor: 1 }]);
    const pdf = await role.call("GET", "/render/d/demo?encoding=pdf&orientation=landscape&theme=light");
    expect([pdf.status, pdf.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    const notes = notesOf(pdf);
    expect(notes.url).toBe("http://localhost:3000/d/demo/x?theme=light&print=true&paper=landscape");
    expect(notes.printed).toMatchObject({ printBackground: false, preferCSSPageSize: true });
  });
});

test("the browser gets no secret on its command line, in its environment or in the address", async () => {
  const env = envWith(DRAWN, { GF_SMTP_PASSWORD: "hidden word", PATH: process.env["PATH"] ?? "" });
  await withRole({ env }, async (role) => {
    await saved(role, "demo");
    const { args, env: given, url, cookie } = notesOf(await role.call("GET", "/render/d/demo"));
    expect(cookie.value).toMatch(/^[\w-]{43}$/);
    const visible = `${JSON.stringify([args, given, url])}${role.host.output.stderr}`;
    for (const secret of ["hidden word", cookie.value]) expect(visible).not.toContain(secret);
    expect(Object.keys(given)).not.toContain("GF_SMTP_PASSWORD");
    const rule = args.find((word) => word.startsWith("--host-resolver-rules="));
    expect(rule).toBe(`--host-resolver-rules=MAP localhost:3000 ${role.url.slice("http://".length)}, MAP * ~NOTFOUND`);
    expect(args).toContain("--webrtc-ip-handling-policy=disable_non_proxied_udp");
    expect(args).toContain("--no-sandbox");
  });
});

test("the key of a rendering reads only its dashboard, changes nothing, and ends with the rendering", async () => {
  const visits = `
    for (const path of ["/api/dashboards/uid/demo", "/api/dashboards/uid/other", "/api/narthex/sources", "/api/user",
      "/api/admin/settings", "/api/org/users", "/api/user/auth-tokens", "/d/demo", "/d/other", "/render/d/demo", "/api/playlists"])
      note([path, await get(path)]);
    const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    note(["POST", await get("/api/dashboards/db", json), await get("/api/folders", json)]);
    drawn(333);`;
  await withRole({ env: envWith(visits) }, async (role) => {
    await saved(role, "demo");
    await saved(role, "other");
    const { notes, cookie } = notesOf(await role.call("GET", "/render/d/demo"));
    expect(notes).toEqual([
      ["/api/dashboards/uid/demo", 200],
      ["/api/dashboards/uid/other", 403],
      ["/api/narthex/sources", 200],
      ["/api/user", 200],
      ["/api/admin/settings", 403],
      ["/api/org/users", 403],
      ["/api/user/auth-tokens", 403],
      expect.arrayContaining(["/d/demo"]),
      // A page leads to the login in place of a refusal.
      ["/d/other", 302],
      ["/render/d/demo", 403],
      ["/api/playlists", 403],
      ["POST", 403, 403],
    ]);
    expect(notes[7]).not.toContain(302);
    const headers = { cookie: `${cookie.name}=${cookie.value}` };
    const later = await role.call("GET", "/api/dashboards/uid/demo", undefined, { user: "", headers });
    expect([later.status, later.json.messageId]).toEqual([401, "render-key.invalid"]);
  });
});

test("a rendering has the rights of the sender, and is refused for a dashboard that the sender may not see", async () => {
  const visit = `note(await get("/api/dashboards/uid/demo")); drawn(333);`;
  await withRole({ env: envWith(visit) }, async (role) => {
    await role.call("POST", "/api/admin/users", { login: "eve", email: "eve@x", password: "eves password" });
    await role.call("POST", "/api/folders", { uid: "hidden", title: "hidden" });
    await role.call("POST", "/api/folders/hidden/permissions", { items: [{ role: "Editor", permission: 2 }] });
    await saved(role, "demo");
    await saved(role, "closed", "hidden");
    const eve = { user: "eve:eves password" };
    expect(notesOf(await role.call("GET", "/render/d/demo", undefined, eve)).notes).toEqual([200]);
    expect((await role.call("GET", "/render/d/closed", undefined, eve)).status).toBe(403);
    expect((await role.call("GET", "/render/d/nothing", undefined, eve)).status).toBe(404);
    expect((await role.call("GET", "/render/d/demo", undefined, { user: "" })).status).toBe(401);
  });
});

test.each<[string, string, string]>([
  ["ends", "process.exit(3);", "the browser ended with status 3"],
  ["is silent", "", "the rendering took longer than 1 s"],
  ["sends no JSON", 'writeSync(4, "x\\0");', "the browser sent a message that is not JSON"],
  ["does not open the page", 'send({ method: "Inspector.targetCrashed" });', "the page of the browser crashed"],
])("a rendering fails with the reason if the browser %s", async (_name, onNavigate, reason) => {
  await withRole({ env: envWith(onNavigate) }, async (role) => {
    await saved(role, "demo");
    const answer = await role.call("GET", "/render/d/demo?timeout=1");
    expect([answer.status, answer.json.message]).toEqual([500, `Rendering failed: ${reason}`]);
    expect(role.host.output.stderr).toContain(reason);
  });
});

test("a browser that needs too much memory is ended", async () => {
  const onNavigate = "globalThis.kept = Buffer.alloc(200 * 1024 * 1024, 1);";
  await withRole({ env: envWith(onNavigate, { GF_RENDERING_MEMORY_LIMIT_MB: "150" }) }, async (role) => {
    await saved(role, "demo");
    const answer = await role.call("GET", "/render/d/demo?timeout=60");
    expect(answer.json.message).toBe("Rendering failed: the browser needed more than 150 MiB of memory");
  });
});

test("wrong parameters of a picture are refused with the remedy", async () => {
  await withRole({ env: { GF_RENDERING_BROWSER: "none" } }, async (role) => {
    await saved(role, "demo");
    const message = async (path: string) => {
      const { status, json } = await role.call("GET", path);
      return `${status} ${json.message}`;
    };
    expect(await message("/render/d/demo?tz=Mars")).toBe('400 tz: "Mars" is not a time zone such as Europe/Berlin');
    expect(await message("/render/d/demo?width=wide")).toBe('400 width: "wide" is not a number');
    expect(await message("/render/d-solo/demo")).toMatch(/^400 the URL names no panel/);
  });
});
