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
  "network lab",
  "peers",
  "postgres",
  "python clients",
  "curl",
  "systemd",
];

/** Programs that single tests need in addition to the requirements. */
const PROGRAMS = ["dpkg-deb", "man", "openssl", "rpmbuild", "unshare", python];

/** The peers' programs, which are examined one by one if their folder is the system's. */
const PEERS = [
  "amtool",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node-exporter",
  "prometheus-pushgateway",
  "promtool",
  "vmalert",
];

/** Requirements of tests that this machine does not have. */
export const missing = (): string[] => [
  ...REQUIREMENTS.filter((one) => lacks(one)),
  ...PROGRAMS.filter((name) => programState(name).length === 0),
  ...(process.env["NARTHEX_CONFORMANCE"] === undefined ? ["NARTHEX_CONFORMANCE"] : []),
];

/**
 * Fingerprint of everything outside the checkout that test results depend on: Node, the kernel, Docker, the peers, the
 * conformance data and other requirements of tests. A change invalidates kept results. Files are compared by size and
 * time.
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

/** Facts about the program with a name or path; empty if it does not exist. */
export function programState(name: string, path = process.env["PATH"] ?? ""): string[] {
  if (name === "" || name.startsWith("/")) return fileState(name);
  const found = path.split(delimiter).find((folder) => existsSync(join(folder, name)));
  return found === undefined ? [] : fileState(join(found, name));
}

/** The version of Docker, and the image that tests build containers from. */
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
