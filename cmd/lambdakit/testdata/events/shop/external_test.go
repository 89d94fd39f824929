package shop_test

import _ "example.com/not/there"
