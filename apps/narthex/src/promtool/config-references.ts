import { extname } from "node:path";
import type {
  AlertmanagerConfig,
  ConfigFiles,
  HttpClientConfig,
  PrometheusConfig,
  ScrapeConfig,
  StaticConfig,
  TlsConfig,
} from "@narthex/config";
import { glob, isBadPattern, isGlob } from "@narthex/config";
import { parseGroups } from "@narthex/discovery";
import { Labels, relabel } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { buildTargets } from "@narthex/scrape";

/**
 * Thrown for a missing or wrong reference in a configuration. The message is the place, followed by promtool's message.
 */
export class CheckError extends Error {
  override readonly name = "CheckError";
}

export interface ReferenceCheck {
  /** Path of the main file, as the user wrote it. */
  readonly file: string;
  readonly files: ConfigFiles;
  /** Whether the files that the configuration names are not checked. */
  readonly syntaxOnly: boolean;
  /** Prints a warning. */
  readonly print: (line: string) => void;
}

/** A section of the configuration with its position in the file. */
interface Owner {
  readonly position: { readonly line: number; readonly column: number };
  readonly file?: string;
}

/**
 * Checks the references of a configuration: credential and certificate files, files of file discovery, and whether the
 * known targets are valid. Throws CheckError for the first problem.
 */
export async function checkReferences(config: PrometheusConfig, check: ReferenceCheck): Promise<void> {
  for (const job of config.scrapeConfigs) {
    await checkClientFiles(job.httpClient, job, check);
    for (const { kind, config: settings, position } of job.discoveryConfigs) {
      // As in promtool, certificates are checked for Kubernetes discovery, but not for other kinds of discovery.
      if (kind !== "kubernetes_sd_configs") continue;
      const tls = (settings as { readonly httpClient?: HttpClientConfig } | null)?.httpClient?.tls;
      if (tls !== undefined) await checkTls(tls, { ...job, position }, check);
    }
    await checkFileDiscovery(job, `scrape job ${JSON.stringify(job.jobName)}`, check, (groups, owner) =>
      checkTargets(groups, job, owner, check),
    );
    checkTargets(job.staticConfigs, job, job, check);
  }
  for (const { match, position } of config.downsampling) checkSelector(match, { position }, check);
  for (const entry of config.alerting.alertmanagers) {
    const look = (groups: readonly StaticConfig[], owner: Owner): void => checkManagers(groups, entry, owner, check);
    await checkFileDiscovery(entry, "alertmanager config", check, look);
    look(entry.staticConfigs, entry);
  }
}

/**
 * Resolves with the rule files of the configuration, in order. Throws CheckError for an invalid pattern, and for a path
 * without `*` that matches no file.
 */
export async function ruleFilesOf(config: PrometheusConfig, { file, files }: ReferenceCheck): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of config.ruleFiles) {
    if (isBadPattern(pattern)) {
      throw new CheckError(
        `${file}: rule_files: ${JSON.stringify(pattern)}: syntax error in pattern; close the bracket`,
      );
    }
    const matches = await glob(pattern, files);
    if (matches.length === 0 && !pattern.includes("*")) {
      throw new CheckError(`${file}: rule_files: ${JSON.stringify(pattern)} does not point to an existing file`);
    }
    found.push(...matches);
  }
  return found;
}

function refuse({ file, position }: Owner, check: ReferenceCheck, message: string): never {
  throw new CheckError(`${file ?? check.file}:${position.line}:${position.column}: ${message}`);
}

function checkSelector(text: string, owner: Owner, check: ReferenceCheck): void {
  const parsed = text === "" ? undefined : parseSelector(text);
  if (parsed?.ok === false) refuse(owner, check, `match ${JSON.stringify(text)}: ${parsed.errors[0].toString()}`);
}

async function checkClientFiles(client: HttpClientConfig, owner: Owner, check: ReferenceCheck): Promise<void> {
  const credentials = client.authorization?.credentialsFile ?? "";
  await checkFile(credentials, "authorization credentials or bearer token file", owner, check);
  await checkTls(client.tls, owner, check);
}

async function checkTls({ certFile, keyFile }: TlsConfig, owner: Owner, check: ReferenceCheck): Promise<void> {
  if (certFile !== "" && keyFile === "") {
    refuse(
      owner,
      check,
      `client cert file ${JSON.stringify(certFile)} specified without client key file; add key_file`,
    );
  }
  if (keyFile !== "" && certFile === "") {
    refuse(
      owner,
      check,
      `client key file ${JSON.stringify(keyFile)} specified without client cert file; add cert_file`,
    );
  }
  await checkFile(certFile, "client cert file", owner, check);
  await checkFile(keyFile, "client key file", owner, check);
}

async function checkFile(path: string, what: string, owner: Owner, check: ReferenceCheck): Promise<void> {
  if (check.syntaxOnly || path === "" || (await check.files.exists(path))) return;
  const message = `error checking ${what} ${JSON.stringify(path)}: stat ${path}: no such file or directory`;
  refuse(owner, check, message);
}

async function checkFileDiscovery(
  { discoveryConfigs, file }: Pick<ScrapeConfig, "discoveryConfigs" | "file">,
  owner: string,
  check: ReferenceCheck,
  look: (groups: readonly StaticConfig[], owner: Owner) => void,
): Promise<void> {
  if (check.syntaxOnly) return;
  for (const { kind, config, position } of discoveryConfigs) {
    if (kind !== "file_sd_configs") continue;
    const place: Owner = file === undefined ? { position } : { position, file };
    for (const pattern of (config as { readonly files: readonly string[] }).files) {
      if (isBadPattern(pattern)) refuse(place, check, `${JSON.stringify(pattern)}: syntax error in pattern`);
      const matches = await glob(pattern, check.files);
      for (const path of matches) look(await readGroups(path, place, check), { position, file: path });
      if (matches.length === 0) {
        const what = isGlob(pattern) ? "pattern" : "file";
        check.print(`  WARNING: ${what} ${JSON.stringify(pattern)} for file_sd in ${owner} does not exist\n`);
      }
    }
  }
}

async function readGroups(path: string, owner: Owner, check: ReferenceCheck): Promise<readonly StaticConfig[]> {
  try {
    const text = await check.files.read(path);
    const extension = extname(path).toLowerCase();
    if (extension === ".json") JSON.parse(text);
    else if (extension !== ".yml" && extension !== ".yaml") {
      throw new Error(`invalid file extension: ${JSON.stringify(extname(path))}`);
    }
    return parseGroups(text, path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(owner, check, `checking SD file ${JSON.stringify(path)}: ${reason}`);
  }
}

function checkTargets(groups: readonly StaticConfig[], job: ScrapeConfig, owner: Owner, check: ReferenceCheck): void {
  for (const [index, { targets, labels, position }] of groups.entries()) {
    const group = {
      source: String(index),
      targets: targets.map((address) => Labels.of({ __address__: address })),
      labels,
    };
    const failure = buildTargets([group], job).failures[0];
    if (failure === undefined) continue;
    const hint = failure.endsWith("no address") ? "; give each target as host:port" : "";
    refuse({ ...owner, position }, check, `${failure} (scrape job ${JSON.stringify(job.jobName)})${hint}`);
  }
}

/** Checks that the addresses of Alertmanagers are not URLs after relabeling. */
function checkManagers(
  groups: readonly StaticConfig[],
  entry: AlertmanagerConfig,
  owner: Owner,
  check: ReferenceCheck,
): void {
  for (const { targets, labels, position } of groups) {
    for (const target of targets) {
      const own = {
        __address__: target,
        __scheme__: entry.scheme,
        __alerts_path__: `${entry.pathPrefix}/api/v2/alerts`,
      };
      const known = relabel(Labels.of(own).filledFrom(labels), entry.relabelConfigs);
      const address = known?.get("__address__") ?? "";
      if (!address.includes("/")) continue;
      const hint = "leave scheme and path to the keys of these names";
      refuse({ ...owner, position }, check, `${JSON.stringify(address)} is not a valid hostname; ${hint}`);
    }
  }
}
