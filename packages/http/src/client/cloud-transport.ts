/** Sends a request to a cloud's service, and reads the whole answer, whatever its status is. */
export type CloudTransport = (url: string, request: CloudRequest) => Promise<CloudAnswer>;

interface CloudRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the body contains a secret. A redirect that would send the body to another host then fails. */
  readonly bodyHoldsSecret?: boolean;
  readonly timeoutMs: number;
}

export interface CloudAnswer {
  readonly status: number;
  /** Fields of the answer by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}
