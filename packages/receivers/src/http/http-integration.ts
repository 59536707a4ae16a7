import { field, flag, type HttpClientConfig, httpClientSection, optional } from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";

/** Settings of every kind of receiver that uses HTTP. */
export interface HttpIntegration {
  readonly sendResolved: boolean;
  /** Settings of HTTP requests. If undefined, the global settings are used. */
  readonly httpConfig: HttpClientConfig | undefined;
}

/** Returns the codecs of these settings. */
export const httpIntegration = (sendResolved: boolean) => ({
  sendResolved: field("send_resolved", flag, sendResolved, true),
  httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
});

/** Returns the HTTP settings in effect: the integration's own, otherwise the global ones. */
export const httpConfigOf = (own: HttpClientConfig | undefined, globals: ReceiverGlobals): HttpClientConfig =>
  own ?? globals.httpConfig;

/**
 * Returns the settings without credentials, for kinds that authorize requests themselves. As in the original, their own
 * authorization has precedence.
 */
export const withoutCredentials = (config: HttpClientConfig): HttpClientConfig => ({
  ...config,
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
});
