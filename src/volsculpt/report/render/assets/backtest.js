(function () {
  "use strict";
  var charts = JSON.parse(document.getElementById("volsculpt-charts").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");

  var INK = "#1c2733", LIGHT_INK = "#e4e9ee";

  function axes(made, letter) {
    return Object.keys(made).filter(function (name) {
      return name.indexOf(letter + "axis") === 0;
    }).map(function (name) { return made[name]; });
  }

  function layout(given, place) {
    var made = JSON.parse(JSON.stringify(given));
    made.font.family = getComputedStyle(place).fontFamily;
    made.font.color = dark.matches ? "#b9c4cf" : "#52606d";
    made.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#8a94a0", activecolor: "#2a78d6" };
    made.hoverlabel = { bgcolor: dark.matches ? "#1d242c" : "#ffffff" };
    if (narrow.matches) {
      made.font.size = 11;
      made.dragmode = false;
      made.margin.l = 44;
      made.margin.r = 10;
      axes(made, "x").forEach(function (axis) {
        axis.nticks = axis.type === "date" ? 5 : 4;
        if (axis.type !== "date") { axis.tickformat = "~s"; }
      });
      axes(made, "y").forEach(function (axis) {
        if (axis.tickformat === "") { axis.tickformat = "~s"; }
      });
    }
    return made;
  }

  function traces(given) {
    return given.map(function (trace) {
      if (!dark.matches || !trace.line || trace.line.color !== INK) { return trace; }
      return Object.assign({}, trace, { line: Object.assign({}, trace.line,
        { color: LIGHT_INK }) });
    });
  }

  function draw() {
    charts.forEach(function (one) {
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
