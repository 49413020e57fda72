(function () {
  "use strict";
  var given = JSON.parse(document.getElementById("volsculpt-charts").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");

  var INK = "#1c2733", LIGHT_INK = "#e4e9ee", LIGHT_DANGER = "#ff8a7a";

  function unpacked(along) {
    if (!along || !along.steps) { return along; }
    var at = along.from;
    return along.steps.map(function (step) { return (at += step * along.unit); });
  }

  given.charts.forEach(function (chart) {
    chart.data.forEach(function (trace) { trace.x = unpacked(trace.x); });
  });

  function axes(made, letter) {
    return Object.keys(made).filter(function (name) {
      return name.indexOf(letter + "axis") === 0;
    }).map(function (name) { return made[name]; });
  }

  function isRule(one) { return one.name === "rule"; }

  function template(place) {
    var made = JSON.parse(JSON.stringify(given.template));
    made.layout.font.family = getComputedStyle(place).fontFamily;
    made.layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#8a94a0", activecolor: "#2a78d6" };
    made.layout.hoverlabel = { bgcolor: dark.matches ? "#1d242c" : "#ffffff" };
    if (dark.matches) { made.layout.font.color = "#b9c4cf"; }
    if (narrow.matches) {
      made.layout.font.size = 11;
      made.layout.dragmode = false;
      made.layout.margin.l = 44;
      made.layout.margin.r = 10;
    }
    return made;
  }

  function layout(wanted, place) {
    var made = JSON.parse(JSON.stringify(wanted));
    made.template = template(place);
    var labels = (made.annotations || []).filter(isRule);
    labels.forEach(function (one) { one.bgcolor = dark.matches ? "#14191f" : "#ffffff"; });
    if (dark.matches) {
      labels.forEach(function (one) { one.font.color = LIGHT_DANGER; });
      (made.shapes || []).filter(isRule).forEach(function (one) { one.line.color = LIGHT_DANGER; });
    }
    if (narrow.matches) {
      made.annotations = (made.annotations || []).filter(function (one) { return !isRule(one); });
      axes(made, "x").forEach(function (axis) {
        axis.nticks = axis.type === "date" ? 5 : 4;
        if (axis.type !== "date" && !axis.ticksuffix) { axis.tickformat = "~s"; }
      });
      axes(made, "y").forEach(function (axis) {
        if (axis.tickformat === "") { axis.tickformat = "~s"; }
      });
    }
    return made;
  }

  function traces(drawn) {
    return drawn.map(function (trace) {
      if (!dark.matches || !trace.line || trace.line.color !== INK) { return trace; }
      return Object.assign({}, trace, { line: Object.assign({}, trace.line,
        { color: LIGHT_INK }) });
    });
  }

  function draw() {
    given.charts.forEach(function (one) {
      var place = document.getElementById("chart-" + one.key);
      Plotly.react(place, traces(one.data), layout(one.layout, place), { responsive: true,
        displaylogo: false, showSendToCloud: false, plotlyServerURL: "",
        displayModeBar: narrow.matches ? false : "hover",
        modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
    });
  }

  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
})();
