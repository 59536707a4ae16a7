import type { PanelPlugin } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { fetchPanelPlugins, frameAddress } from "./panel-plugins-api.ts";
import { plainFrames, readAction } from "./plugin-input.ts";
import styles from "./PluginPanel.module.css";

const css = classesOf(styles);

/** Time in ms between two requests for changed plugins, while the server reads them again after changes. */
const RELOAD_MS = 1000;

interface PluginPanelProps extends PanelProps {
  readonly plugin: PanelPlugin;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Shows the frame of a plugin. The frame has no origin: it sees only the messages that it gets from here. */
export function PluginPanel(props: PluginPanelProps) {
  const { plugin } = props;
  const { data } = useQuery({
    queryKey: ["panel plugins"],
    queryFn: ({ signal }) => fetchPanelPlugins(signal),
    refetchInterval: (query) => (query.state.data?.reloads === true ? RELOAD_MS : false),
    staleTime: Infinity,
  });
  const revision = data?.plugins.find(({ id }) => id === plugin.id)?.revision ?? plugin.revision;
  return <PluginFrame key={revision} {...props} plugin={{ ...plugin, revision }} />;
}

function PluginFrame({ plugin, frames, options, width, height, context }: PluginPanelProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [isReady, setReady] = useState(false);
  const [error, setError] = useState<string>();
  const plain = useMemo(() => plainFrames(frames), [frames]);
  const { onZoom, range, theme, zone } = context;
  useEffect(() => {
    const take = ({ source, data }: MessageEvent<unknown>): void => {
      if (source === null || source !== frame.current?.contentWindow) return;
      const action = readAction(data);
      if (action === undefined) return;
      if (action.kind === "ready") setReady(true);
      else if (action.kind === "drawn") setError(undefined);
      else if (action.kind === "error") setError(action.message);
      // Without a click of the user in the frame, a plugin changes nothing outside of it.
      else if (!navigator.userActivation.isActive || document.activeElement !== frame.current) return;
      else if (action.kind === "setTimeRange") onZoom(action.range);
      else window.open(action.url, "_blank", "noopener,noreferrer");
    };
    window.addEventListener("message", take);
    return () => window.removeEventListener("message", take);
  }, [onZoom]);
  const { from, to } = range;
  useEffect(() => {
    if (!isReady || plain === undefined) return;
    const size = { width, height, theme: theme.scheme, range: { from, to }, timeZone: zone };
    // A frame without an origin has no name that the message could be limited to. Only the frame receives it.
    frame.current?.contentWindow?.postMessage({ narthexPanel: 1, input: { frames: plain, options, ...size } }, "*");
  }, [isReady, plain, options, width, height, theme.scheme, from, to, zone]);
  const problem = plain === undefined ? "The panel has more than a million values. Ask for fewer." : error;
  return (
    <div className={css("panel")} style={{ width, height }} data-panel-plugin={plugin.id}>
      {problem !== undefined && (
        <p className={css("error")} role="alert">
          The plugin “{plugin.name}” cannot show the panel: {problem}
        </p>
      )}
      <iframe
        ref={frame}
        className={css("frame")}
        title={plugin.name}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        src={frameAddress(plugin)}
        hidden={problem !== undefined}
      />
    </div>
  );
}
