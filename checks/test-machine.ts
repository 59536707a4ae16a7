import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { arch, availableParallelism, platform, release, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { browser, lacks, netlab, peers, postgres, python, type Requirement } from "../e2e/src/support/requirements.ts";

const REQUIREMENTS: readonly Requirement[] = [
  "browser",
  "docker",
  "go clients",
  "java",
  "ldap",
  "network lab",
  "peers",
  "postgres",
  "python clients",
  "curl",
  "systemd",
];

/** External programs that some tests need. */
const PROGRAMS = ["dpkg-deb", "man", "openssl", "rpmbuild", "unshare", python];

/**
 * Programs of the original projects. If they are in /usr/bin, only these files enter the fingerprint, otherwise all
 * files of their folder.
 */
const PEERS = [
  "amtool",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node-exporter",
  "prometheus-pushgateway",
  "promtool",
  "vmalert",
];

/** Returns the requirements of tests that this machine lacks. */
export const missing = (): string[] => [
  ...REQUIREMENTS.filter((one) => lacks(one)),
  ...PROGRAMS.filter((name) => programState(name).length === 0),
  ...(process.env["NARTHEX_CONFORMANCE"] === undefined ? ["NARTHEX_CONFORMANCE"] : []),
];

/**
 * Returns a hash of everything outside the checkout on which test results depend: Node, the kernel, Docker, other
 * programs and test data. A change invalidates cached results. Files are compared by size and time.
 */
export function machineFingerprint(): string {
  const ofPeers = peers === "/usr/bin" ? PEERS.flatMap((name) => programState(join(peers, name))) : filesBelow(peers);
  const folders = [postgres, process.env["NARTHEX_CONFORMANCE"] ?? ""].flatMap(filesBelow);
  const programs = [...PROGRAMS, "curl", "go", "javac", "systemd-analyze", browser, netlab].flatMap((name) =>
    programState(name),
  );
  const parts = [
    process.version,
    platform(),
    arch(),
    release(),
    `${availableParallelism()} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    String(process.getuid?.()),
    ...missing(),
    ...ofPeers,
    ...folders,
    ...programs,
    ...docker(),
  ];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return names.flatMap((name) => fileState(join(folder, name)));
}

function fileState(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? [] : [`${path} ${found.size} ${found.mtimeMs}`];
}

/**
 * Returns the path, size and modification time of a program file, found by name or path. Empty if the program does not
 * exist.
 */
export function programState(name: string, path = process.env["PATH"] ?? ""): string[] {
  if (name === "" || name.startsWith("/")) return fileState(name);
  const found = path.split(delimiter).find((folder) => existsSync(join(folder, name)));
  return found === undefined ? [] : fileState(join(found, name));
}

/** Returns the version of Docker, and the id of the image from which tests build containers. */
function docker(): string[] {
  if (lacks("docker")) return [];
  return [
    ["version", "--format", "{{.Server.Version}}"],
    ["image", "inspect", "--format", "{{.Id}}", "node:24-bookworm-slim"],
  ].map((args) => {
    try {
      return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } catch {
      return "";
    }
  });
}
