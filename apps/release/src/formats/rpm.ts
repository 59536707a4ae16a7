import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOrder, writeTree } from "../files/file-tree.ts";
import { ZSTD_LEVEL } from "../files/zstd.ts";
import { runProgram } from "../parts/run-program.ts";
import type { Format } from "./format.ts";
import { type LinuxPackage, linuxPackage, linuxScript } from "./linux-package.ts";

/** rpmbuild macros for reproducible packages: no time and no machine name is recorded, and files are not modified. */
const DEFINITIONS = {
  _buildhost: "narthex",
  use_source_date_epoch_as_buildtime: "1",
  clamp_mtime_to_source_date_epoch: "1",
  source_date_epoch_from_changelog: "0",
  _build_id_links: "none",
  debug_package: "%{nil}",
  __os_install_post: "%{nil}",
  // Compresses with zstd, which rpm of Red Hat 9 and later can unpack.
  _binary_payload: `w${ZSTD_LEVEL}.zstdio`,
};

/** Format of an RPM package for Fedora, Red Hat and derivatives. rpmbuild builds the package. */
export const rpm: Format = {
  name: "rpm",
  suits: ({ redHat, libc }) => redHat !== undefined && libc === undefined,
  missing: () =>
    spawnSync("rpmbuild", ["--version"]).status === 0
      ? undefined
      : "rpmbuild is missing; install it (Debian: apt-get install rpm, Fedora: dnf install rpm-build)",
  async makeForTarget(parts, own, out, signal) {
    const { version, source } = parts;
    const architecture = own.target.redHat!;
    const packaged = await linuxPackage(parts, own, { zsh: "zsh/site-functions" });
    using temporary = mkdtempDisposableSync(join(tmpdir(), "narthex-release-"));
    const work = temporary.path;
    const staged = join(work, "tree");
    writeTree(packaged.tree, staged, source.epoch);
    const spec = join(work, "narthex.spec");
    const files = fileLines(packaged);
    writeFileSync(
      spec,
      linuxScript("rpm/narthex.spec", version)
        .replace("@URL@", () => urlLine(source.address))
        .replace("@FILES@", () => files),
    );
    const definitions = Object.entries({ ...DEFINITIONS, _topdir: work, tree: staged });
    const words = definitions.flatMap(([name, value]) => ["--define", `${name} ${value}`]);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(source.epoch) };
    const options = { cwd: work, signal, env };
    await runProgram("rpmbuild", ["-bb", "--target", `${architecture}-linux`, ...words, spec], options);
    const name = `narthex-${version}-1.${architecture}.rpm`;
    out.file(name, readFileSync(join(work, "RPMS", architecture, name)));
  },
};

/** Returns the line of a spec file with the project's address. rpmbuild expands words that begin with a percent sign. */
const urlLine = (address: string | undefined): string =>
  address === undefined ? "" : `URL: ${address.replaceAll("%", "%%")}\n`;

/** Folders that other packages also own, so this package must not own them. */
const SHARED: ReadonlySet<string> = new Set([
  "etc",
  "usr",
  "usr/bin",
  "usr/lib",
  "usr/lib/systemd",
  "usr/lib/systemd/system",
  "usr/share",
  "usr/share/bash-completion",
  "usr/share/bash-completion/completions",
  "usr/share/doc",
  "usr/share/fish",
  "usr/share/fish/vendor_completions.d",
  "usr/share/man",
  "usr/share/man/man1",
  "usr/share/zsh",
  "usr/share/zsh/site-functions",
]);

/** Returns the section %files of a spec file. */
const fileLines = ({ tree, configuration, readers }: LinuxPackage): string =>
  inOrder(tree)
    .filter(([path]) => !SHARED.has(path))
    .map(([path, entry]) => {
      const quotedPath = `"/${path.replaceAll("%", "%%")}"`;
      if (entry.kind === "folder") return `%dir ${quotedPath}`;
      const group = readers.get(`/${path}`);
      const owner = group === undefined ? "" : `%attr(0640, root, ${group}) `;
      return configuration.includes(`/${path}`) ? `${owner}%config(noreplace) ${quotedPath}` : quotedPath;
    })
    .join("\n");
