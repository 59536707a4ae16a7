import { fnv1a64, xxhash64 } from "@narthex/bytes";
import { type ScrapeConfig, withoutPassword } from "@narthex/config";
import { formatDuration, Labels, LabelsBuilder, quote, Relabeling } from "@narthex/model";
import { SETTING, TargetError, type TargetSettings, targetSettings } from "./target-settings.ts";
import { targetUrl } from "./target-url.ts";
import { UnixSockets } from "./unix-socket.ts";

/** A target: a URL to scrape, with its labels and settings. */
export interface Target extends TargetSettings {
  /**
   * Labels after relabeling without those that begin with `__meta_`. Other labels that begin with `__` are still
   * included.
   */
  readonly labels: Labels;
  /** Labels that the target's samples get: `labels` without those that begin with `__`. */
  readonly publicLabels: Labels;
  /** Labels before relabeling. */
  readonly discovered: Labels;
  readonly url: string;
  /**
   * Text that is equal for equal targets of one configuration of a job. It contains all labels, from which the URL is
   * made.
   */
  readonly key: string;
}

/** The result of relabeling a target: a target to scrape, the labels of a dropped target, or an error. */
export type TargetOutcome = Target | Labels | TargetError;

/** Builds the targets of a job one after the other. Each pass over all discovered targets needs a new builder. */
export class TargetBuilder {
  readonly #job: ScrapeConfig;
  readonly #defaults: Labels;
  readonly #relabeling: Relabeling;
  readonly #sockets: UnixSockets;
  readonly #builder = new LabelsBuilder();

  constructor(job: ScrapeConfig) {
    this.#job = job;
    this.#defaults = defaultLabels(job);
    this.#sockets = new UnixSockets(job);
    this.#relabeling = new Relabeling(job.relabelConfigs, job.metricNameValidationScheme);
  }

  /**
   * Returns the labels of a target group, with the job's defaults for missing labels. A target inherits these labels
   * unless it has its own.
   */
  groupDefaults(group: Labels): Labels {
    return group.filledFrom(this.#defaults);
  }

  /**
   * Relabels a target and builds it.
   * @param discovered all labels before relabeling; returned if relabeling drops the target
   */
  build(discovered: Labels): TargetOutcome {
    try {
      return this.#build(discovered);
    } catch (error) {
      if (error instanceof TargetError) return error;
      throw error;
    }
  }

  #build(discovered: Labels): Target | Labels {
    const builder = this.#builder.reset(discovered);
    this.#sockets.refuseDiscovered(builder);
    if (!this.#relabeling.apply(builder)) return discovered;
    this.#sockets.refuseMapped(builder);
    const address = builder.get("__address__");
    if (address === "") throw new TargetError("no address");
    if (address.includes("/")) throw new TargetError(`${quote(withoutPassword(address))} is not a valid hostname`);
    const settings = targetSettings(builder);
    builder.keep(isNotMeta);
    if (builder.get("instance") === "") builder.set("instance", address);
    const labels = builder.labels();
    for (const [name, value] of labels) {
      if (!value.isWellFormed()) throw new TargetError(`invalid label value for ${quote(name)}: ${quote(value)}`);
    }
    const publicLabels = labels.filter(isPublic);
    return { ...settings, labels, publicLabels, discovered, url: targetUrl(labels, this.#job.params), key: labels.key };
  }
}

const isNotMeta = (name: string): boolean => !name.startsWith("__meta_");
const isPublic = (name: string): boolean => !name.startsWith("__");

function defaultLabels(job: ScrapeConfig): Labels {
  const parameters = [...job.params].flatMap(([name, values]) =>
    values[0] === undefined ? [] : [[`__param_${name}`, values[0]] as const],
  );
  return Labels.of([
    ["job", job.jobName],
    [SETTING.interval, formatDuration(job.scrapeIntervalMs)],
    [SETTING.timeout, formatDuration(job.scrapeTimeoutMs)],
    ["__metrics_path__", job.metricsPath],
    ["__scheme__", job.scheme],
    [SETTING.convertToNhcb, String(job.convertClassicHistogramsToNhcb)],
    [SETTING.alwaysClassic, String(job.alwaysScrapeClassicHistograms)],
    [SETTING.nativeHistograms, String(job.scrapeNativeHistograms)],
    ...parameters,
  ]);
}

const encoder = new TextEncoder();
const ASCII = /^[\0-\x7f]*$/;

/** Returns the bytes of each label name and value. The byte 0xff follows each name and value. */
function hashedBytes({ pairs }: Labels): Uint8Array {
  if (pairs.every((text) => ASCII.test(text))) return Buffer.from(`${pairs.join("\xff")}\xff`, "latin1");
  return Buffer.concat(pairs.flatMap((text) => [encoder.encode(text), Uint8Array.of(0xff)]));
}

/**
 * Returns the hash that distributes the scrapes of targets over the interval: FNV-1a of the labels' hash (16 digits or
 * more) and the URL.
 */
export const targetHash = ({ labels, url }: Target): bigint =>
  fnv1a64(encoder.encode(xxhash64(hashedBytes(labels)).toString().padStart(16, "0") + url));
