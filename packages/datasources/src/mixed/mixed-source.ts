import {
  type DataQuery,
  type DataSource,
  type Health,
  type QueryAnswer,
  type RequestContext,
  UNKNOWN_SENDER,
} from "../data-source.ts";
import { runQueries, sourceReference } from "./run-queries.ts";

const OWN: ReadonlySet<string> = new Set(["-- Mixed --", "mixed"]);

/** The data source `-- Mixed --`. Each target of a mixed query names the data source that answers it. */
export class MixedSource implements DataSource {
  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    context: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    // Targets that name the mixed source itself are refused, because they would recurse endlessly.
    const namesItself = ({ source }: DataQuery): boolean => {
      const reference = sourceReference(source);
      return OWN.has(reference) || context.sourceOf(reference) === this;
    };
    const [own, others] = [queries.filter(namesItself), queries.filter((one) => !namesItself(one))];
    const answers = await runQueries(others, signal, context);
    const problem: QueryAnswer = {
      frames: [],
      error: "a query of mixed sources has to name its own data source",
      status: 400,
    };
    return new Map([...answers, ...own.map(({ refId }) => [refId, problem] as const)]);
  }

  /**
   * Returns this source itself, which has no series. The request's context provides the limited sources that the
   * targets name.
   */
  limitedTo(): DataSource {
    return this;
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "OK", message: "A mixed data source sends its queries to others." });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
