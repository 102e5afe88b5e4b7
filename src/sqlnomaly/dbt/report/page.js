"use strict";
(() => {
  const series = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".card")];
  const rows = [...document.querySelectorAll("#alarms tbody tr")];
  const chartOf = (card) => card.querySelector(".chart");
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });
  const shown = (value) => (value === null ? "" : number.format(value));

  // Plotly reads a few tags in its texts: a user's words are to be words.
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const wrapped = (text) => {
    const lines = [];
    for (const word of text.split(" ")) {
      if (lines.length && (lines[lines.length - 1] + word).length < 48) lines[lines.length - 1] += " " + word;
      else lines.push(word);
    }
    return lines.map(plain).join("<br>");
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  function traces(one) {
    const line = { type: "scatter", mode: "lines", x: one.bucket, hoverinfo: "skip" };
    const marks = (level, symbol) => {
      const at = one.level.flatMap((found, index) => (found === level ? [index] : []));
      return {
        type: "scatter", mode: "markers", name: level, x: at.map((index) => one.bucket[index]),
        y: at.map((index) => one.value[index]), text: at.map((index) => wrapped(one.description[index])),
        hovertemplate: "%{x}<br>%{text}<extra></extra>",
        marker: { color: colour(level), size: 11, symbol, line: { width: 1.5, color: colour("card") } },
      };
    };
    return [
      { ...line, y: one.lower, line: { width: 0 }, connectgaps: false },
      { ...line, y: one.upper, line: { width: 0 }, fill: "tonexty", fillcolor: colour("band") },
      { ...line, y: one.expected, line: { width: 1.5, dash: "dot", color: colour("expected") } },
      {
        ...line, y: one.value, mode: "lines+markers", line: { width: 2, color: colour("value") }, marker: { size: 5 },
        customdata: one.bucket.map((_, index) => [shown(one.lower[index]), shown(one.upper[index]), plain(one.status[index])]),
        hoverinfo: "all", hovertemplate: "%{x}<br><b>%{y}</b>, expected %{customdata[0]} to %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
      },
      marks("warn", "diamond"),
      marks("error", "x"),
    ];
  }

  function layout(one) {
    const day = 86400000, first = Date.parse(one.bucket[0]);
    const range = one.bucket.length === 1 ? { range: [first - day, first + day] } : {};  // else it shows milliseconds
    const axis = { gridcolor: colour("grid"), linecolor: colour("rule"), zeroline: false, tickfont: { color: colour("quiet"), size: 11 }, automargin: true };
    return {
      margin: { l: 44, r: 10, t: 8, b: 28 }, showlegend: false, hovermode: "closest", dragmode: "zoom",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", color: colour("ink") },
      hoverlabel: { bgcolor: colour("card"), bordercolor: colour("rule"), font: { color: colour("ink"), size: 12 }, align: "left" },
      xaxis: { ...axis, ...range, type: "date", nticks: 6 }, yaxis: { ...axis, nticks: 5 },
    };
  }

  function draw(card) {
    const chart = chartOf(card);
    const one = series[card.dataset.series];
    Plotly.react(chart, traces(one), layout(one), { displayModeBar: false, responsive: true, displaylogo: false });
    chart.dataset.drawn = "yes";
  }

  // A chart is drawn when it comes near the window, so that hundreds cost nothing at the start.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const card = entry.target.closest(".card");
      if (entry.isIntersecting && !entry.target.dataset.drawn) draw(card);
    }
  }, { rootMargin: "500px" });
  cards.forEach((card) => watcher.observe(chartOf(card)));
  const drawn = () => cards.filter((card) => chartOf(card).dataset.drawn);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn().forEach(draw));
  addEventListener("beforeprint", () => cards.filter((card) => !card.hidden && !chartOf(card).dataset.drawn).forEach(draw));

  function cell(row, text, name, head) {
    const made = document.createElement(head ? "th" : "td");
    made.textContent = text;
    if (name) made.className = name;
    if (head) made.scope = head;
    row.append(made);
  }

  function fill(card) {
    const one = series[card.dataset.series];
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    ["Bucket", "Value", "Lower", "Upper", "Level", "Status"].forEach((name, at) => cell(head, name, at > 0 && at < 4 ? "number" : "", "col"));
    const body = table.createTBody();
    one.bucket.forEach((bucket, at) => {
      const row = body.insertRow();
      cell(row, bucket, "time");
      for (const name of ["value", "lower", "upper"]) cell(row, shown(one[name][at]), "number");
      cell(row, one.level[at]);
      cell(row, one.status[at]);
    });
    card.querySelector("details .scroll").replaceChildren(table);
  }
  for (const card of cards) {
    const details = card.querySelector("details");
    const show = () => { if (details.open && !card.querySelector("table")) fill(card); };
    details.addEventListener("toggle", show);
    show();
  }

  const find = byId("find"), test = byId("test"), model = byId("model"), odd = byId("odd");

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = series.map((one) => (
      (!test.value || one.test === test.value) && (!model.value || one.model === model.value) && (!odd.checked || one.odd)
      && words.every((word) => one.words.includes(word))
    ));
    const alike = rows.filter((row) => fits[row.dataset.series]);
    rows.forEach((row) => { row.hidden = !fits[row.dataset.series]; });
    cards.forEach((card) => { card.hidden = !fits[card.dataset.series]; });
    const count = fits.filter(Boolean).length;
    byId("nothing").hidden = count > 0 || !series.length;
    byId("shown").textContent = `${count} of ${series.length} series, ${alike.length} of ${rows.length} alarms`;
  }
  // An address such as report.html?model=orders&odd=1 shows what it says: a link to a part of the page.
  const asked = new URLSearchParams(location.search);
  for (const control of [find, test, model]) if (asked.has(control.id)) control.value = asked.get(control.id);
  odd.checked = asked.has("odd");
  for (const control of [find, test, model, odd]) control.addEventListener("input", filter);
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  byId("again").addEventListener("click", () => { document.querySelector(".filters").reset(); filter(); });
  filter();
})();
