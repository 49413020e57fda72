(function () {
  "use strict";
  var charts = JSON.parse(document.getElementById("volsculpt-charts").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");

  function layout(given, place) {
    var made = JSON.parse(JSON.stringify(given));
    made.font.family = getComputedStyle(place).fontFamily;
    made.font.color = dark.matches ? "#b9c4cf" : "#52606d";
    made.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#8a94a0", activecolor: "#2a78d6" };
    made.hoverlabel = { bgcolor: dark.matches ? "#1d242c" : "#ffffff" };
    if (narrow.matches) {
      made.font.size = 11;
      made.dragmode = false;
      made.margin.l = 40;
      made.margin.r = 10;
      if (made.xaxis.type === "date") {
        made.xaxis.nticks = 5;
        if (!made.yaxis.tickformat) { made.yaxis.tickformat = "~s"; }
      } else {
        made.xaxis.nticks = 4;
        made.xaxis.tickformat = "~s";
      }
    }
    return made;
  }

  function draw() {
    charts.forEach(function (one) {
      var place = document.getElementById("chart-" + one.key);
      Plotly.react(place, one.data, layout(one.layout, place), { responsive: true,
        displaylogo: false, showSendToCloud: false, plotlyServerURL: "",
        displayModeBar: narrow.matches ? false : "hover",
        modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
    });
  }

  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
})();
