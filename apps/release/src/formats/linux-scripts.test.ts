import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { linuxScript } from "./linux-package.ts";

/** A folder that is used as the root of the file system. System commands only log their name and arguments. */
class Root {
  readonly folder: string = temporaryFolder();

  constructor(commands: Readonly<Record<string, string>> = {}) {
    const logged = { systemctl: "", userdel: "", groupdel: "", useradd: "", groupadd: "", chown: "", ...commands };
    for (const [name, script] of Object.entries(logged))
      this.write(`commands/${name}`, `#!/bin/sh\necho ${name} "$*" >> "${this.path("log")}"\n${script}\n`, 0o755);
    mkdirSync(this.path("run/systemd/system"), { recursive: true });
  }

  path(path: string): string {
    return join(this.folder, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text, { mode });
  }

  /** Returns the commands that were logged since the last call. */
  log(): readonly string[] {
    const lines = existsSync(this.path("log")) ? readFileSync(this.path("log"), "utf8").trimEnd().split("\n") : [];
    writeFileSync(this.path("log"), "");
    return lines;
  }

  run(script: string, ...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
    const text = linuxScript(script, "1.0.0")
      .replace("@OWNERS@", "")
      .replaceAll(/(?<![\w"$/])\/(usr\/lib|var\/lib|etc|run)\//g, `${this.folder}/$1/`);
    const env = { ...process.env, PATH: `${this.path("commands")}:${process.env["PATH"]}` };
    const { status, stderr } = spawnSync("sh", ["-e", "-c", text, script, ...args], { encoding: "utf8", env });
    return { status, stderr };
  }
}

/** A shell script that replaces Node in the call `node fill-code-caches.mjs BUNDLE`, which compiles the bundle. */
const COMPILER = '#!/bin/sh\necho code > "$2/code-cache/server"\nln -s /etc/shadow "$2/code-cache/link"\n';

function unpack(root: Root, chunk: string): void {
  root.write("usr/lib/narthex/files/lib/node", COMPILER, 0o755);
  root.write(`usr/lib/narthex/files/lib/narthex/${chunk}.js`, chunk);
  mkdirSync(root.path("usr/lib/narthex/files/lib/narthex/code-cache"), { recursive: true });
}

test("activate.sh runs each version from its own folder, restarts running services, and keeps no version without processes", () => {
  const root = new Root({ setpriv: 'shift 4; exec "$@"' });
  unpack(root, "first");
  expect(root.run("activate.sh")).toEqual({ status: 0, stderr: "" });
  const current = root.path("usr/lib/narthex/current");
  const first = realpathSync(current);
  expect(readFileSync(join(first, "lib/narthex/first.js"), "utf8")).toBe("first");
  expect(root.log()).toContainEqual(
    expect.stringMatching(/^systemctl try-restart narthex-server.service narthex-alertmanager/),
  );
  // Expects that only regular files were copied to the code cache, and that root owns the copies.
  expect(readdirSync(join(first, "lib/narthex/code-cache"))).toEqual(["server"]);
  expect(statSync(join(first, "lib/narthex/code-cache/server")).nlink).toBe(1);

  // Simulates an upgrade, in which the package manager replaces files by renaming, so that the running version keeps
  // its old files.
  root.run("deb/prerm", "upgrade", "2.0.0");
  unpack(root, "second");
  // Simulates an earlier run that was killed before its last step: its link and temporary folder are left.
  symlinkSync(first, root.path("usr/lib/narthex/current.new"));
  mkdirSync(root.path("usr/lib/narthex/compile.abc"));
  expect(realpathSync(current)).toBe(first);
  expect(readFileSync(join(first, "lib/narthex/first.js"), "utf8")).toBe("first");
  expect(root.run("activate.sh").status).toBe(0);
  expect(existsSync(join(realpathSync(current), "lib/narthex/second.js"))).toBe(true);
  expect(readdirSync(root.path("usr/lib/narthex/versions"))).toHaveLength(1);

  expect(root.run("deb/prerm", "remove").status).toBe(0);
  expect(root.log().at(-1)).toMatch(/^systemctl stop narthex-server.service/);
  expect(readdirSync(root.path("usr/lib/narthex"))).toEqual(["files"]);
});

/** Answers `getent passwd NAME` with the given fields for each account. */
const accounts = (entry: string): string =>
  `case $1 in passwd) [ "$2" = narthex-server ] && echo "$2:x:${entry}:/bin/sh" ;; *) exit 2 ;; esac`;

test.each([
  ["dpkg", "deb/preinst", ["install"]],
  ["dpkg at an update", "deb/preinst", ["upgrade", "0.9.0", "1.0.0"]],
])("%s refuses an account of a person before it unpacks files", (_, script, args) => {
  const person = new Root({ getent: accounts("1000:1000:Ann:/home/ann") });
  const { status, stderr } = person.run(script, ...args);
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining("narthex-server (uid 1000) is the account of a person"),
  ]);
});

test("rpm refuses an account of a person before it unpacks files, and reports an account that it cannot create", () => {
  const [, pre = ""] = /^%pre\n(.*?)^%post$/ms.exec(linuxScript("rpm/narthex.spec", "1.0.0")) ?? [];
  const run = (root: Root): number | null =>
    spawnSync("sh", ["-c", pre], { env: { PATH: `${root.path("commands")}:${process.env["PATH"]}` } }).status;
  expect(run(new Root({ getent: accounts("1000:1000:Ann:/home/ann") }))).toBe(1);
  expect(run(new Root({ getent: accounts("998:998:x:/srv/metrics") }))).toBe(0);
  expect(run(new Root({ getent: "exit 2", useradd: "exit 4" }))).toBe(4);
});

test("a package uses an account of the system, and creates the others", () => {
  const system = new Root({ getent: accounts("998:998:x:/srv/metrics") });
  expect(system.run("deb/preinst", "install").status).toBe(0);
  expect(system.run("accounts.sh").status).toBe(0);
  const created = system.log().filter((line) => line.startsWith("useradd"));
  expect(created).toHaveLength(5);
  expect(created.join()).not.toContain("narthex-server");
});

test.each([
  ["after a removal starts the services that are still enabled", "configure", false, ["start narthex-server.service"]],
  ["after an aborted removal starts them too", "abort-remove", false, ["start narthex-server.service"]],
  ["at an update starts no stopped service", "configure", true, []],
])("the Debian package %s", (_, action, isUpdate, expected) => {
  const systemctl = '[ "$1" != is-enabled ] || [ "$3" = narthex-server.service ]';
  const root = new Root({ systemctl, getent: "", install: "" });
  root.write("usr/lib/narthex/files/lib/activate.sh", `mkdir -p ${root.path("usr/lib/narthex/current")}`, 0o755);
  if (isUpdate) mkdirSync(root.path("usr/lib/narthex/current"));
  expect(root.run("deb/postinst", action, "1.0.0")).toEqual({ status: 0, stderr: "" });
  expect(root.log().filter((line) => line.startsWith("systemctl start"))).toEqual(
    expected.map((line) => `systemctl ${line}`),
  );
});

test.each([
  ["an account that the package created is removed", "998:998:x:@/var/lib/narthex", ["userdel narthex-server"]],
  ["an account of a person stays", "1000:1000:Ann:@/var/lib/narthex", []],
  ["an account with another home stays", "998:998:x:/srv/metrics", []],
])("at a purge, %s, and a failure of one step does not stop the others", (_, entry, removed) => {
  const root = new Root();
  root.write("commands/getent", `#!/bin/sh\n${accounts(entry.replace("@", root.folder))}\n`, 0o755);
  for (const name of ["userdel", "rmdir"])
    root.write(`commands/${name}`, `#!/bin/sh\necho ${name} "$*" >> ${root.path("log")}\nexit 8\n`, 0o755);
  root.write("var/lib/narthex/server/wal", "samples");
  root.write("etc/systemd/system/multi-user.target.wants/narthex-server.service", "");
  root.write("etc/systemd/system/multi-user.target.wants/narthex-mine.service", "");
  expect(root.run("deb/postrm", "purge").status).toBe(0);
  expect(root.log().filter((line) => line.startsWith("userdel"))).toEqual(removed);
  expect(readdirSync(root.path("var/lib/narthex"))).toEqual([]);
  expect(readdirSync(root.path("etc/systemd/system/multi-user.target.wants"))).toEqual(["narthex-mine.service"]);
});
