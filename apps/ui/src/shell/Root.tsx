import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { pageSettings } from "../api/page-settings.ts";
import { theme, themeVariables } from "./theme.ts";

const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, gcTime: 60_000, networkMode: "always" } },
});

const keptScheme = localStorageColorSchemeManager();

/**
 * The colour scheme that the user has stored. The URL parameter `theme=light` or `theme=dark` takes precedence and is
 * not stored.
 */
const schemes: typeof keptScheme = {
  ...keptScheme,
  get: (initial) => {
    const theme = new URLSearchParams(location.search).get("theme");
    return theme === "light" || theme === "dark" ? theme : keptScheme.get(initial);
  },
};

/** Renders an app into the page, with the theme and the cache of server data. */
export function mount(app: ReactNode): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no element with the id root");
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={themeVariables}
        colorSchemeManager={schemes}
        defaultColorScheme={pageSettings.theme}
      >
        <QueryClientProvider client={queryClient}>{app}</QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
