'use strict';
// Size against loss: the perplexity to expect, where the choice lies, what was measured.
landauer.sizeCurve = (place, { axis, curve, chosen, measured }) => {
  const { create, colour, figure, redraw, choice, keys, shorten, plotStyle } = landauer.page;
  const scales = [
    { key: 'removed', name: 'by what is removed', label: `removed of the blocks' ${axis} (%) →` },
    { key: 'mb', name: 'by the file', label: 'file (MB) →' },
  ].filter(({ key }) => curve.every((point) => point[key] !== null)).reverse();
  let shown = 0;
  const picture = create('div', { class: 'picture' });
  const kinds = [['expected', 'perplexity to expect'], ['line accent', 'as predicted']];
  if (chosen) kinds.push(['chosen', 'predicted for what was chosen']);
  for (const point of measured) kinds.push([point.control ? 'control' : 'measured', `measured: ${shorten(point.name, 48)}`]);
  if (scales.length > 1) {
    place.append(choice('Axis', scales.map(({ name }) => name), (i) => {
      shown = i;
      draw();
    }));
  }
  place.append(picture, keys(kinds));

  function draw() {
    const { key, label } = scales[shown];
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const points = measured.filter((point) => point[key] !== null && point.ratio !== null);
    const paint = (point) => colour(point.control ? 'clamp1' : 'good');
    // As high as what is of interest, and as wide as is seen below that.
    const most = chosen ? Math.max(2.5, 2 * chosen.high) : 8;
    const top = Math.min(most, Math.max(1.5, ...curve.map((point) => point.high), ...points.map((point) => point.high)));
    const seen = curve.filter((point, i) => i < 2 || point.mid <= top);
    const at = chosen && chosen[key] !== null ? [chosen] : [];
    const [first, last] = [Math.min(...seen.map((point) => point[key])), Math.max(...seen.map((point) => point[key]))];
    // The band is lower on one side of the choice: there its label stands clear, if it has the room.
    const share = at.length > 0 ? (chosen[key] - first) / (last - first) : 0;
    const isBefore = share > (key === 'removed' ? 0.15 : 0.8);
    picture.replaceChildren(Plot.plot({
      width, height: Math.round(Math.max(280, Math.min(420, width * 0.48))),
      marginLeft: 56, marginRight: 24, marginTop: 30, marginBottom: 44, style: plotStyle,
      ariaLabel: `Perplexity to expect against ${label}`,
      x: { label, labelAnchor: 'right', ticks: width < 500 ? 4 : 10 },
      y: { type: 'log', domain: [Math.min(1, ...points.map((point) => point.low)), top], label: '↑ perplexity, times the original\'s', grid: true,
        ticks: [1, 1.1, 1.25, 1.5, 2, 3, 4, 5, 6, 8].filter((tick) => tick <= top && (width > 500 || tick !== 1.1)), tickFormat: (tick) => `${tick}` },
      marks: [
        Plot.areaY(seen, { x: key, y1: 'low', y2: 'high', fill: colour('accent'), fillOpacity: 0.22, clip: true }),
        Plot.lineY(seen, { x: key, y: 'mid', stroke: colour('accent'), strokeWidth: 2, clip: true }),
        Plot.ruleX(at, { x: key, y1: 'low', y2: 'high', stroke: colour('accent'), strokeWidth: 3, clip: true }),
        Plot.dot(at, { x: key, y: 'mid', r: 5, symbol: 'diamond', fill: colour('accent'), stroke: colour('paper'), clip: true }),
        Plot.text(at, { x: key, y: (point) => Math.min(point.high, top), text: () => `−${figure(chosen.removed)} %: ${figure(chosen.low)} to ${figure(chosen.high)} ×`,
          textAnchor: isBefore ? 'end' : 'start', lineAnchor: 'bottom', dx: isBefore ? -6 : 6, dy: -2, fill: colour('ink'), stroke: colour('paper'), strokeWidth: 4 }),
        Plot.ruleX(points, { x: key, y1: 'low', y2: 'high', stroke: paint, strokeWidth: 2.4 }),
        Plot.dot(points, { x: key, y: 'ratio', r: 5, fill: paint, stroke: colour('paper'), symbol: (point) => (point.control ? 'square' : 'circle') }),
        Plot.tip(seen, Plot.pointerX({ x: key, y: 'mid', fill: colour('paper'), stroke: colour('line'),
          title: (point) => `${figure(point.removed)} % removed${point.mb === null ? '' : `, ${figure(point.mb)} MB`}\npredicted loss ${figure(point.loss)} nats a token\nexpect ${figure(point.low)} to ${figure(point.high)} times the perplexity` })),
      ],
    }));
  }
  redraw(place, draw);
};

// One of several plans at a time.
landauer.keptPlans = (place) => {
  const plans = [...place.querySelectorAll('.plan')];
  if (plans.length < 2) return;
  const show = (chosen) => plans.forEach((plan, i) => { plan.hidden = i !== chosen; });
  plans[0].before(landauer.page.choice('Removed', plans.map((plan) => plan.dataset.name), show));
  window.addEventListener('beforeprint', () => plans.forEach((plan) => { plan.hidden = false; }));
  show(0);
};
