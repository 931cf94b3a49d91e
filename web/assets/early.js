// Before the first paint, so that nobody who chose light sees dark first.
try { document.documentElement.dataset.theme = localStorage.getItem('v720dvr.theme') || 'system'; } catch { /* a private window has none */ }
