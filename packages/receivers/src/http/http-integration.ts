import { field, flag, type HttpClientConfig, httpClientSection, optional } from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";

export interface HttpIntegration {
  readonly sendResolved: boolean;
  /** Settings of the HTTP client. If undefined, the settings of `global` are used. */
  readonly httpConfig: HttpClientConfig | undefined;
}

export const httpIntegration = (sendResolved: boolean) => ({
  sendResolved: field("send_resolved", flag, sendResolved, true),
  httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
});

export const httpConfigOf = (own: HttpClientConfig | undefined, globals: ReceiverGlobals): HttpClientConfig =>
  own ?? globals.httpConfig;

/** Returns whether requests contain credentials: a login, a client certificate, or headers of the configuration. */
export const hasCredentials = ({ basicAuth, authorization, oauth2, tls, httpHeaders }: HttpClientConfig): boolean =>
  [basicAuth, authorization, oauth2, tls.key].some((credential) => credential !== undefined) ||
  [tls.cert, tls.certFile, tls.keyFile].some((certificate) => certificate !== "") ||
  httpHeaders.size > 0;

/**
 * Returns HTTP settings without credentials, for receivers that authorize requests with settings of their own. As in
 * Alertmanager, the receiver's own settings have precedence.
 */
export const withoutCredentials = (config: HttpClientConfig): HttpClientConfig => ({
  ...config,
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
});
