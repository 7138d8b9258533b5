//! What a bidder can do next: the one vocabulary of all codes. Each step is one that
//! somebody at a counter or with a USB key can take.

use crate::code::Text;

macro_rules! steps {
    ($($name:ident = $zh:literal, $en:literal;)+) => {
        $(
            #[doc = $en]
            pub const $name: Text = Text { zh: $zh, en: $en };
        )+
    };
}

steps! {
    NOTHING =
        "您无需做任何事。",
        "You need not do anything.";
    ASK_AUTHORITY =
        "请联系证书签发机构的客服，并告知此代码。",
        "Call the service desk of the authority that issued the certificate, and give them this code.";
    NEW_CERTIFICATE =
        "请向签发机构申请更换证书。",
        "Ask the authority that issued it for a new certificate.";
    RENEW =
        "请向签发机构办理证书更新；如已更新，请选择新证书。",
        "Renew it with the authority that issued it; if you have, choose the new one.";
    REPLACE_IN_TIME =
        "请在该日期之前向签发机构申请更换证书。",
        "Ask the authority that issued it for a new certificate before that date.";
    ASK_TO_RELEASE =
        "请向签发机构申请解除冻结，或者改用其他证书。",
        "Ask the authority that issued it to release it, or use another certificate.";
    WAIT_FOR_START =
        "请在证书生效之后再使用，或者改用其他证书。",
        "Use it from the day on which it becomes valid, or use another certificate.";
    OTHER_CERTIFICATE =
        "请改用本省认可的 CA 机构签发的其他证书。",
        "Use another certificate, of an authority that the province recognises.";
    OTHER_KIND =
        "请改用可以办理此项业务的另一类证书。",
        "Use a certificate of a kind that may be used for this.";
    ASK_OR_OTHER =
        "请联系证书签发机构，或者改用其他 CA 机构的证书。",
        "Call the authority that issued the certificate, or use one of another authority.";
    CHOOSE_SIGNING =
        "请关闭浏览器后重新打开，选择同一介质中的签名证书。",
        "Close the browser, open it again, and choose the signing certificate of the same key.";
    INSERT_KEY =
        "请插入数字证书介质，并在浏览器询问时选择证书。",
        "Insert the key that holds your certificate, and choose it when the browser asks.";
    CHECK_USCC =
        "请核对营业执照上的代码；若与证书一致，请联系互认网关的服务热线。",
        "Compare it with your business licence; if they are the same, call the gateway's service desk.";
    CONFIRM_NAME =
        "请用以前登录过的证书确认，或者联系互认网关的服务热线办理变更。",
        "Confirm it with the certificate that you signed in with before, or ask the gateway's service desk for the change.";
    CONFIRM_WITH_OLD =
        "请用已经登录过的证书进行确认。",
        "Confirm with the certificate that you signed in with before.";
    SIGN_IN_AGAIN =
        "请返回交易平台，重新登录。",
        "Go back to the trading platform and sign in again.";
    START_FROM_PLATFORM =
        "请从交易平台的登录页面重新开始。",
        "Start again from the trading platform's sign-in page.";
    RECONNECT =
        "请关闭浏览器的所有窗口，重新打开后再试。",
        "Close all windows of the browser, open it again and retry.";
    CHECK_ADDRESS =
        "请核对网址，或者从交易平台重新进入。",
        "Check the address, or come again from the trading platform.";
    CHECK_NETWORK =
        "请检查网络后重试。",
        "Check your network and try again.";
    WAIT_A_MINUTE =
        "请等待一分钟后再试。",
        "Wait a minute and try again.";
    TRY_LATER =
        "请稍后再试；若仍不能使用，请联系互认网关的服务热线。",
        "Try again later; if it does not help, call the gateway's service desk.";
    SEND_AGAIN =
        "请重新插入介质后再试；若仍不能读取，请联系证书签发机构。",
        "Insert the key anew and retry; if it still cannot be read, call the authority that issued the certificate.";
    SEND_LESS =
        "请只提供自己的证书及其上级证书；若不清楚如何操作，请联系证书签发机构。",
        "Send only your certificate and those above it; if you do not know how, ask the authority that issued it.";
    SIGN_AGAIN =
        "请用签名证书重新签名，然后重新提交。",
        "Sign the document again with your signing certificate, and submit it anew.";
    SEND_ORIGINAL =
        "请提交签名时的原始文件，不要作任何改动。",
        "Submit the very file that was signed, unchanged.";
    SEE_FINDINGS =
        "请按下列每一项原因的说明处理。",
        "Do what stands with each of the reasons.";
    TELL_PLATFORM =
        "请联系您要使用的交易平台，并告知此代码。",
        "Call the trading platform that you want to use, and give them this code.";
    MEND_REQUEST =
        "开发人员请查看答复中的 detail，并对照接口文档（docs/http-api.md）修改请求；其他用户请联系交易平台。",
        "Developers: read detail in the answer, and docs/http-api.md. Everybody else: call the trading platform.";
    TELL_OPERATOR =
        "请联系互认网关的服务热线，并告知此代码。",
        "Call the gateway's service desk, and give them this code.";
    REPORT_REQUEST =
        "请联系互认网关的服务热线，并告知请求编号（request_id）。",
        "Call the gateway's service desk, and give them the request_id.";
}
