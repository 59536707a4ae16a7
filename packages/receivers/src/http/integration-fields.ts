import { field, flag, type HttpClientConfig, httpClientSection, optional } from "@narthex/config";

/** Settings of every kind that speaks HTTP. */
export interface HttpIntegration {
  readonly sendResolved: boolean;
  /** undefined: the global one. */
  readonly httpConfig: HttpClientConfig | undefined;
}

/** Their rows. */
export const httpIntegration = (sendResolved: boolean) => ({
  sendResolved: field("send_resolved", flag, sendResolved, true),
  httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
});
