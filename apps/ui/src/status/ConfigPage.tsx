import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { YamlView } from "../shell/YamlView.tsx";

/** The configuration that is in force, with every default filled in. */
export default function ConfigPage() {
  const result = useQuery({ queryKey: ["config"], queryFn: ({ signal }) => prometheus.config(signal) });
  return (
    <>
      <PageHead title="Configuration">As loaded, defaults included</PageHead>
      <Loaded result={result} label="Loading the configuration">
        {({ yaml }) => <YamlView yaml={yaml} />}
      </Loaded>
    </>
  );
}
