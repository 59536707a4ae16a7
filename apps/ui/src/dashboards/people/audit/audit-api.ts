import { encodeParams, fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

type ShownValue = string | number | boolean | null | readonly ShownValue[] | { readonly [key: string]: ShownValue };

type ShownProperties = Readonly<Record<string, ShownValue>>;

interface AuditActor {
  readonly kind: string;
  readonly id?: number;
  readonly login?: string;
  readonly tokenId?: number;
}

/** One record of the audit log. */
export interface AuditRecord {
  readonly id: string;
  /** Unix ms. */
  readonly time: number;
  readonly actor: AuditActor;
  readonly action: string;
  /** Kind of the object that was changed, such as `dashboard`. */
  readonly kind: string;
  readonly uid?: string;
  readonly name?: string;
  /**
   * Properties of the changed object with their values before and after the change. Contains only properties that
   * differ and may be shown.
   */
  readonly before?: ShownProperties;
  readonly after?: ShownProperties;
  /** Names of properties that differ, but whose values are not shown. */
  readonly changed?: readonly string[];
  /** Paths of the changed parts of a dashboard's JSON. */
  readonly paths?: readonly string[];
  readonly omitted?: number;
  readonly address?: string;
  readonly requestId?: string;
}

/** Filters of the audit log. An empty text accepts every record. */
export interface AuditFilter {
  readonly q: string;
  readonly actor: string;
  readonly kind: string;
  readonly action: string;
  /** Start of the time range, Unix ms; empty for all records. */
  readonly from: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Value of the parameter `before` that requests the next page, with older records. */
  readonly next?: string;
}

const PATH = `${rootPath}/api/narthex/audit`;

const given = (filter: AuditFilter): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(filter).filter(([, text]) => text !== ""));

export const fetchAuditPage = (filter: AuditFilter, before: string, signal: AbortSignal): Promise<AuditPage> =>
  fetchJson<AuditPage>(PATH, { params: { ...given(filter), ...(before === "" ? {} : { before }) }, signal });

/** Returns the URL of a file that contains all records that the filter accepts. */
export const exportAddress = (filter: AuditFilter): string => `${PATH}/export?${encodeParams(given(filter))}`;
