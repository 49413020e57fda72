(function () {
  "use strict";
  var place = document.getElementById("figure");
  var given = JSON.parse(document.getElementById("volsculpt-figure").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");

  function layout() {
    var made = JSON.parse(JSON.stringify(given.layout));
    made.font.family = getComputedStyle(place).fontFamily;
    made.annotations.forEach(function (one) { one.bgcolor = dark.matches ? "#14191f" : "#fff"; });
    made.font.color = dark.matches ? "#b9c4cf" : "#52606d";
    made.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#8a94a0", activecolor: "#2a78d6" };
    made.hoverlabel = { bgcolor: dark.matches ? "#1d242c" : "#ffffff" };
    if (dark.matches) {
      made.annotations.forEach(function (one) {
        one.font.color = one.yref === "paper" ? "#ff8a7a" : "#b9c4cf";
      });
      made.shapes.forEach(function (one) { one.line.color = "#ff8a7a"; });
    }
    if (narrow.matches) {
      made.font.size = 11;
      made.xaxis.nticks = 5;
      made.yaxis.title.text = "";
      made.margin.l = 44;
      made.margin.r = 10;
      if (made.xaxis2) { made.xaxis2.nticks = 4; }
      made.annotations = made.annotations.filter(function (one) { return one.yref !== "paper"; });
    }
    return made;
  }

  function draw() {
    Plotly.react(place, given.data, layout(), { responsive: true, displaylogo: false,
      showSendToCloud: false, plotlyServerURL: "",
      displayModeBar: narrow.matches ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
  }

  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
})();
