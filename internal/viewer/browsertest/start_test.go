//go:build integration

package browsertest

import _ "github.com/chromedp/chromedp"
