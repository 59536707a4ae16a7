import { field, flag, type HttpClientConfig, httpClientSection, optional } from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";

/** Settings of every kind that speaks HTTP. */
export interface HttpIntegration {
  readonly sendResolved: boolean;
  /** undefined: the global one. */
  readonly httpConfig: HttpClientConfig | undefined;
}

/** The rows of these settings. */
export const httpIntegration = (sendResolved: boolean) => ({
  sendResolved: field("send_resolved", flag, sendResolved, true),
  httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
});

/** The HTTP settings that count: the integration's own, else the global ones. */
export const httpConfigOf = (own: HttpClientConfig | undefined, globals: ReceiverGlobals): HttpClientConfig =>
  own ?? globals.httpConfig;

/** The same without credentials: for kinds that authorize requests themselves, which takes precedence upstream. */
export const withoutCredentials = (config: HttpClientConfig): HttpClientConfig => ({
  ...config,
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
});
