import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { YamlView } from "../shell/YamlView.tsx";

/** Page that shows the server's current configuration, including all defaults. */
export default function ConfigPage() {
  const result = useQuery({ queryKey: ["config"], queryFn: ({ signal }) => prometheus.config(signal) });
  return (
    <>
      <PageHeader title="Configuration">As loaded, defaults included</PageHeader>
      <Loaded result={result} label="Loading the configuration">
        {({ yaml }) => <YamlView yaml={yaml} />}
      </Loaded>
    </>
  );
}
